/**
 * How sure it is that a call runs the functions that linking names. Linking knows what a variable, a field or a table holds, but not which of it when:
 * the more it may be, and the less the call itself says which (a key, a parameter of some function around), the less any one of them is meant.
 */
import { NONE, Op, type NodeId } from '../model/graph';
import type { CallSite } from './codeView';
import type { FunctionView } from './functionView';

/** So many methods of one name, or values of one variable, may all be meant. */
const FEW = 4;
/** With more than these it is a table of handlers or listeners. */
const MANY = 12;
const CERTAIN = 3;
const LIKELY = 2;
const POSSIBLE = 1;

export interface Certainty {
  /** At most, of what comes to the functions by the call. */
  readonly confidence: number;
  /** Whether an object that a controlled key selected is taken to come to them: what only may be called hardly writes to it. */
  readonly ofChosen: boolean;
  /** Whether what the functions give back comes out of the call. */
  readonly ofResult: boolean;
}

const KNOWN: Certainty = { confidence: CERTAIN, ofChosen: true, ofResult: true };
/** Of functions that wrappers were handed, which one a call of the wrapped one means only its caller knows: each gets what it is for, and nothing comes of it. */
const HANDED: Certainty = { confidence: LIKELY, ofChosen: false, ofResult: false };

export function certaintyOf(p: FunctionView, call: NodeId, sites: readonly CallSite[]): Certainty {
  if (sites.length === 0) return KNOWN;
  if (sites.length > 1 && p.isHandedOver(call)) return HANDED;
  if (sites.length > MANY) return { confidence: POSSIBLE, ofChosen: false, ofResult: true };
  const selected = selectedBy(p, call, sites[0]);
  // Methods of one name do the same for several classes; values of one variable do not. Those of a table are all there to be chosen.
  if (sites.length > FEW)
    return { confidence: selected === 'name' ? LIKELY : POSSIBLE, ofChosen: selected === 'key', ofResult: true };
  if (selected === 'name') return KNOWN;
  return selected === undefined ? KNOWN : { confidence: LIKELY, ofChosen: selected === 'key', ofResult: true };
}

/** Whether what is called is a property with a name, was selected by a key, or came from a caller or along several ways. */
function selectedBy(p: FunctionView, call: NodeId, { site }: CallSite): 'name' | 'key' | 'flow' | undefined {
  const { graph } = p.body;
  if (graph.op[call] !== Op.Call) return undefined;
  let callee = p.operand(call, 0);
  const isIndirect = site.kind === 'call' && (site.convention === 'call' || site.convention === 'apply');
  if (isIndirect && callee !== NONE && graph.op[callee] === Op.Load) callee = p.operand(callee, 0);
  for (;;) {
    if (callee === NONE) return undefined;
    switch (graph.op[callee] as Op) {
      case Op.Guard:
      case Op.Typed:
      case Op.Await:
      case Op.Store:
        callee = p.operand(callee, 0);
        break;
      case Op.Param:
      case Op.RestParam:
      case Op.Iterate:
      case Op.Phi:
        return 'flow';
      case Op.LoadElement:
        return 'key';
      case Op.Load:
        return 'name';
      default:
        return undefined;
    }
  }
}
