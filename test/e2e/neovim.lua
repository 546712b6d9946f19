-- Neovim as an independent language client: opens the file on its command line, speaks to the server over standard
-- input and output, and writes the diagnostics it got to a file as JSON.
--
--     SERVER=dist/server.js RESULT=out.json ROOT=folder nvim --headless --clean -n -S neovim.lua FILE
--
-- Lines and columns count from 0, columns in UTF-16 code units, as the protocol says. Exit code 1: none came.

local id = vim.lsp.start_client({
  name = 'tributary',
  cmd = { os.getenv('NODE') or 'node', os.getenv('SERVER'), '--stdio' },
  root_dir = os.getenv('ROOT'),
  workspace_folders = { { uri = vim.uri_from_fname(os.getenv('ROOT')), name = 'sample' } },
})
if not id then
  io.stderr:write('Neovim could not start the server\n')
  vim.cmd('cquit 1')
end
vim.lsp.buf_attach_client(0, id)

-- The first publication may come before the rest of the workspace is indexed: wait until nothing changes any more.
local function count()
  return #vim.diagnostic.get(0)
end
local came = vim.wait(30000, function() return count() > 0 end, 20)
local last, since = count(), vim.loop.now()
vim.wait(30000, function()
  if count() ~= last then
    last, since = count(), vim.loop.now()
  end
  return vim.loop.now() - since > 2000
end, 50)

local result = {}
for _, diagnostic in ipairs(vim.diagnostic.get(0)) do
  local lsp = diagnostic.user_data.lsp
  table.insert(result, {
    source = diagnostic.source,
    rule = lsp.code or diagnostic.code,
    message = diagnostic.message,
    line = diagnostic.lnum,
    column = diagnostic.col,
    related = #(lsp.relatedInformation or {}),
  })
end
local file = assert(io.open(os.getenv('RESULT'), 'w'))
file:write(vim.fn.json_encode(result))
file:close()

vim.lsp.stop_client(id)
local stopped = vim.wait(5000, function() return vim.lsp.client_is_stopped(id) end, 20)
if not stopped then
  io.stderr:write('the server did not stop when asked to\n')
end
vim.cmd((came and stopped) and 'qall!' or 'cquit 1')
