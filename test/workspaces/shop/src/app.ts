import cookieParser from 'cookie-parser';
import express, { type Express } from 'express';
import { loadCustomer } from './middleware/customer';
import { answerErrors, answerUnknown } from './middleware/errors';
import { account } from './routes/account';
import { admin } from './routes/admin';
import { invoices } from './routes/invoices';
import { products } from './routes/products';

export function createApp(): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(express.json());
  app.use(express.urlencoded({ extended: true }));
  app.use(cookieParser());
  app.use(loadCustomer);

  app.use('/products', products);
  app.use('/invoices', invoices);
  app.use('/account', account);
  app.use('/admin', admin);

  app.use(answerUnknown);
  app.use(answerErrors);
  return app;
}
