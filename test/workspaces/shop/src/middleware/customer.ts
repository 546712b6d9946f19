import type { NextFunction, Request, Response } from 'express';
import { customerBySession } from '../data/customerRepository';

/** Finds out whose session this is; anonymous visitors go on without a customer. */
export async function loadCustomer(req: Request, res: Response, next: NextFunction): Promise<void> {
  const session = req.cookies.session;
  if (typeof session === 'string' && session.length === 32) {
    res.locals.customer = await customerBySession(session);
  }
  next();
}

export function requireCustomer(_req: Request, res: Response, next: NextFunction): void {
  if (res.locals.customer === undefined) {
    res.status(401).json({ error: 'Please sign in.' });
    return;
  }
  next();
}
