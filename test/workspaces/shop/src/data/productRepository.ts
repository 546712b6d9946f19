import { query } from './database';

export interface Product {
  readonly id: number;
  readonly name: string;
  readonly priceCents: number;
}

const COLUMNS = 'id, name, price_cents AS "priceCents"';

export function selectWhere(condition: string, order: string): Promise<Product[]> {
  return query<Product>(`SELECT ${COLUMNS} FROM products WHERE ${condition} ORDER BY ${order}`);
}

export function selectByName(pattern: string, order: string): Promise<Product[]> {
  return query<Product>(`SELECT ${COLUMNS} FROM products WHERE name ILIKE $1 ORDER BY ${order}`, [pattern]);
}
