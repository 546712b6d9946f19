import { createHash } from 'node:crypto';
import { Router } from 'express';
import { customerByLogin } from '../data/customerRepository';
import { requireCustomer } from '../middleware/customer';
import { mergeSettings, replacePreferences } from '../services/settings';
import { localTarget, targetAfterLogin } from '../util/redirects';

export const account = Router();

const hash = (password: string): string => createHash('sha256').update(password).digest('hex');

account.post('/login', async (req, res) => {
  const customer = await customerByLogin(String(req.body.email), hash(String(req.body.password)));
  if (customer === undefined) {
    res.status(401).json({ error: 'Wrong e-mail or password.' });
    return;
  }
  res.redirect(targetAfterLogin(req)); // flow: open-redirect from src/util/redirects.ts:next
});

account.post('/sign-in', async (req, res) => {
  const customer = await customerByLogin(String(req.body.email), hash(String(req.body.password)));
  if (customer === undefined) {
    res.status(401).json({ error: 'Wrong e-mail or password.' });
    return;
  }
  res.redirect(localTarget(req)); // safe: open-redirect
});

account.patch('/settings', requireCustomer, (req, res) => {
  const settings = mergeSettings(res.locals.customer.settings, req.body); // source: settings
  res.json(settings);
});

account.patch('/preferences', requireCustomer, (req, res) => {
  res.json(replacePreferences(res.locals.customer.settings, req.body)); // source: preferences
});
