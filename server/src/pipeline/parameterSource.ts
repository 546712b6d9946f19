/** The parameter of an exported function as a source: whoever calls the package decides what comes in there. */
import { Op } from '../model/graph';
import type { FunctionId } from '../model/ids';
import type { SourceRef } from '../model/summary';
import type { FunctionBody } from '../taint/environment';
import { functionName } from './describeNodes';

/** `kinds` is what such a source is, as a mask; negative positions stand for `arguments`, save -1, which is the receiver. */
export function parameterSource(
  id: FunctionId,
  index: number,
  body: FunctionBody | undefined,
  kinds: number,
): SourceRef | undefined {
  if (body === undefined || index === -1) return undefined;
  const { op, aux } = body.graph;
  for (let node = 0; node < op.length; node++) {
    if ((op[node] === Op.Param || op[node] === Op.RestParam) && aux[node] === index) {
      // What is read of `arguments` from a position on has no name of its own either.
      const isNamed = index >= 0 && index < body.graph.parameters.length;
      const name = isNamed ? body.strings[body.graph.parameters[index]] : 'arguments';
      const owner = functionName(body);
      return {
        function: id,
        node,
        kinds,
        parameter: { name, owner },
        label: `parameter ${name === '' ? `${index + 1}` : `\`${name}\``} of exported \`${owner}\``,
      };
    }
  }
  return undefined;
}
