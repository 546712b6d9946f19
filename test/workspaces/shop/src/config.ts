/** Settings of the process, read once at the start. */
export const config = {
  port: Number(process.env.PORT ?? 3000),
  databaseUrl: process.env.DATABASE_URL ?? 'postgres://localhost/harbour',
  invoiceFolder: '/var/lib/harbour/invoices',
  exportFolder: '/var/lib/harbour/exports',
} as const;
