import { exec } from 'node:child_process';
import type { Request, Response } from 'express';

export function before(req: Request, res: Response): void {
  exec(`compile ${req.query.file}`);
  res.end();
}

export function damaged(req: Request, res: Response): void {
  const options = { file: req.query.file, level: ;
  if (options.level > ) {
    res.status(400
  }
}

export function after(req: Request, res: Response): void {
  exec(`compile --all ${req.query.folder}`);
  res.end();
}
