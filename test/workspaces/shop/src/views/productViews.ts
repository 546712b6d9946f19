import escapeHtml from 'escape-html';
import type { Product } from '../data/productRepository';
import { page, price } from './layout';

function row(product: Product): string {
  return `<li>${escapeHtml(product.name)}: ${price(product.priceCents)}</li>`;
}

/** Results with the words that were searched for, as they were typed. */
export function searchPage(term: string, results: readonly Product[]): string {
  const heading = `<h1>Results for ${term}</h1>`;
  return page('Search', heading + results.map(row).join(''));
}

/** The same page with the words escaped. */
export function productPage(term: string, results: readonly Product[]): string {
  const heading = `<h1>Results for ${escapeHtml(term)}</h1>`;
  return page('Search', heading + results.map(row).join(''));
}
