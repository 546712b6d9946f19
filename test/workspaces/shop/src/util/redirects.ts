import type { Request } from 'express';

const PAGES = ['/', '/account', '/orders', '/basket'];

/** Where to go after login: wherever the link said. */
export function targetAfterLogin(req: Request): string {
  const next = req.query.next; // source: next
  return typeof next === 'string' ? next : '/account';
}

/** The same, kept to pages of this shop. */
export function localTarget(req: Request): string {
  const next = String(req.query.next);
  return PAGES.includes(next) ? next : '/account';
}
