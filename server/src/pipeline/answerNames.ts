/**
 * Names of functions and roots that stay the same from run to run, whatever their numbers are: by them things are ordered, compared and told apart
 * in what is stored.
 */
import { fileOf, type FileId, type FunctionId } from '../model/ids';
import { RootKind, kindOf, sourceKindsOf, type ReferenceTable, type Root } from '../taint/references';
import type { FunctionBodies } from './functionBodies';

export interface AnswerNamesHost {
  readonly bodies: FunctionBodies;
  /** Path below its root, with `/`. */
  relativePathOf(file: FileId): string;
}

export class AnswerNames {
  private readonly stableNames = new Map<FunctionId, string>();
  private readonly rootTexts = new Map<Root, string>();

  constructor(
    private readonly host: AnswerNamesHost,
    private readonly references: ReferenceTable,
  ) {}

  readonly compare = (a: FunctionId, b: FunctionId): number =>
    a === b ? 0 : this.stableName(a) < this.stableName(b) ? -1 : 1;

  /** Path below the root and key of a function: what stays the same from run to run. */
  stableName(id: FunctionId): string {
    let name = this.stableNames.get(id);
    if (name === undefined) {
      const file = this.host.bodies.file(fileOf(id));
      const index = file?.indexOf(id);
      name = `${this.host.relativePathOf(fileOf(id))}#${file === undefined || index === undefined ? '' : file.reader.keys[index]}`;
      // A function that is gone, because its file can't be parsed just now, may be there again with its name.
      if (index !== undefined) this.stableNames.set(id, name);
    }
    return name;
  }

  /** What a root stands for. */
  rootText(root: Root): string {
    const kind = kindOf(root);
    if (kind === RootKind.Parameter || kind === RootKind.Return || kind === RootKind.Throw) return String(root);
    if (kind === RootKind.Facet) return `f${String(root)}`;
    if (kind === RootKind.Sources) return `k${String(sourceKindsOf(root))}`;
    let text = this.rootTexts.get(root);
    if (text === undefined) {
      let owner: FunctionId;
      if (kind === RootKind.Cell) {
        const { owner: id, cell } = this.references.cellOf(root);
        owner = id;
        text = `c${this.stableName(id)}:${String(cell)}`;
      } else if (kind === RootKind.Store) {
        const { function: id, node, operand, place } = this.references.storeOf(root);
        owner = id;
        text = `p${this.stableName(id)}:${String(node)}:${String(operand)}:${place.label}`;
      } else if (kind === RootKind.Source || kind === RootKind.Retrieved) {
        const { function: id, node, kinds, label } = this.references.sourceOf(root);
        owner = id;
        text = `s${this.stableName(id)}:${String(node)}:${String(kinds)}:${label}`;
      } else {
        const { function: id, node, operand, kind: sinkKind, label } = this.references.sinkOf(root);
        owner = id;
        text = `t${this.stableName(id)}:${String(node)}:${String(operand)}:${String(sinkKind)}:${label}`;
      }
      if (this.stableNames.has(owner)) this.rootTexts.set(root, text);
    }
    return text;
  }
}
