import { query } from './database';

export interface Customer {
  readonly id: number;
  readonly email: string;
  readonly settings: Record<string, unknown>;
}

export async function customerBySession(session: string): Promise<Customer | undefined> {
  const rows = await query<Customer>('SELECT id, email, settings FROM customers WHERE session = $1', [session]);
  return rows[0];
}

export async function customerByLogin(email: string, passwordHash: string): Promise<Customer | undefined> {
  const rows = await query<Customer>('SELECT id, email, settings FROM customers WHERE email = $1 AND password = $2', [
    email,
    passwordHash,
  ]);
  return rows[0];
}
