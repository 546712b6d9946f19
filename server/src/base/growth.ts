/** When tables of numbers, which only grow while they are used, have grown so much that fresh ones with what is still needed are worth their time. */
export interface GrowthLimit {
  /** Entries; smaller tables cost too little. */
  readonly minimum: number;
  /** Of the size that they had when they were fresh. */
  readonly factor: number;
}

/** Some ten megabytes; and what is left over is no more than what is needed. */
export const GROWTH_LIMIT: GrowthLimit = { minimum: 50_000, factor: 2 };

export const isOvergrown = (size: number, fresh: number, { minimum, factor }: GrowthLimit): boolean =>
  size > Math.max(minimum, fresh * factor);
