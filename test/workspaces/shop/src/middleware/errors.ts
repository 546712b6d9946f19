import escapeHtml from 'escape-html';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { page } from '../views/layout';

export const answerUnknown: RequestHandler = (req, res) => {
  res.status(404).send(page('Not found', `<p>There is nothing at ${escapeHtml(req.originalUrl)}.</p>`)); // safe: xss
};

export const answerErrors: ErrorRequestHandler = (_error, _req, res, _next) => {
  res.status(500).json({ error: 'Something went wrong.' });
};
