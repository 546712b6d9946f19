import { Pool, type QueryResultRow } from 'pg';
import { config } from '../config';

const pool = new Pool({ connectionString: config.databaseUrl });

/** Runs one statement; `values` take the places of `$1`, `$2`, … */
export async function query<Row extends QueryResultRow>(statement: string, values: readonly unknown[] = []): Promise<Row[]> {
  const result = await pool.query<Row>(statement, [...values]); // flow: sql-injection from src/routes/products.ts:term, src/routes/products.ts:sort; safe: sql-injection from src/routes/products.ts:found
  return result.rows;
}
