import { Router } from 'express';
import { requireCustomer } from '../middleware/customer';
import { openInvoice, openInvoiceByNumber } from '../services/invoices';

export const invoices = Router();
invoices.use(requireCustomer);

invoices.get('/download', (req, res) => {
  const file = req.query.file as string; // source: file
  res.type('pdf');
  openInvoice(file).pipe(res);
});

invoices.get('/:number', (req, res) => {
  const invoice = openInvoiceByNumber(req.params.number); // source: number
  if (invoice === undefined) {
    res.sendStatus(404);
    return;
  }
  res.type('pdf');
  invoice.pipe(res);
});
