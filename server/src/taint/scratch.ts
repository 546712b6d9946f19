/** What following one question fills and leaves: tables that are emptied and used for the next, because most hold little and there are many questions. */
import { FactTable, OriginTable, type WayLimits } from './facts';
import { ToldWrites } from './mutation';
import { OutputTable } from './outputs';

export class Scratch {
  readonly origins = new OriginTable();
  readonly facts = new FactTable();
  readonly outputs = new OutputTable(this.origins);
  readonly told = new ToldWrites();

  /** Predecessors are kept, for telling paths: so many of each fact and output. */
  keepWays(limits: WayLimits): this {
    this.facts.wayLimits = limits;
    this.outputs.wayLimits = limits;
    this.facts.predecessors = new Map();
    this.outputs.reachedBy = [];
    return this;
  }

  clear(): void {
    this.origins.clear();
    this.facts.clear();
    this.outputs.clear();
    this.told.clear();
  }
}

/** Those that nobody uses just now: as many as there are questions that wait for each other. */
export class ScratchPool {
  private readonly free: Scratch[] = [];

  take(): Scratch {
    return this.free.pop() ?? new Scratch();
  }

  give(scratch: Scratch): void {
    scratch.clear();
    this.free.push(scratch);
  }
}
