import { type Product, selectByName, selectWhere } from '../data/productRepository';

const SORTABLE = ['name', 'price', 'added'];

/** Free search. Builds its condition from what was typed. */
export async function searchProducts(term: string, sort: string | undefined): Promise<readonly Product[]> {
  const words = term.split(' ').filter((word) => word.length > 1);
  const conditions = words.map((word) => `name ILIKE '%${word}%'`);
  return selectWhere(conditions.join(' AND '), sort ?? 'name');
}

/** The same search with values kept apart from the statement. */
export async function findProducts(term: string, sort: string | undefined): Promise<readonly Product[]> {
  const column = sort !== undefined && SORTABLE.includes(sort) ? sort : 'name';
  return selectByName(`%${term.trim()}%`, column);
}
