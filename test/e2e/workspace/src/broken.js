const express = require('express');
const { exec } = require('child_process');

const app = express();

app.get('/list', (req, res) => {
  exec('ls ' + req.query.folder);
  res.end();
});

app.get('/total', (req, res) => {
  const total = (1 + ;
  res.end(String(total));
});
