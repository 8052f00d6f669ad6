// Drives MongoDB's MCP server, unmodified, against Ear. Standard input is one JSON document: {secureUrl, caFile, projectId, clientId, clientSecret}, of an Ear whose project
// has a valid key in Google Cloud KMS. By https, because the server asks for a token in no other way. Prints "mcp.mjs: held" when everything held.
import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

const ear = JSON.parse(await text(process.stdin));
const transport = new StdioClientTransport({
  command: process.execPath,
  args: [fileURLToPath(new URL('node_modules/mongodb-mcp-server/dist/esm/index.js', import.meta.url))],
  env: {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    MDB_MCP_API_BASE_URL: ear.secureUrl,
    SSL_CERT_FILE: ear.caFile,
    NODE_EXTRA_CA_CERTS: ear.caFile,
    MDB_MCP_API_CLIENT_ID: ear.clientId,
    MDB_MCP_API_CLIENT_SECRET: ear.clientSecret,
    MDB_MCP_TELEMETRY: 'disabled',
    MDB_MCP_LOGGERS: 'stderr',
  },
  stderr: 'pipe',
});
const logged = [];
transport.stderr.on('data', chunk => logged.push(chunk));
const client = new Client({ name: 'ear-story', version: '1.0.0' });

try {
  await client.connect(transport);

  const projects = await call('atlas-list-projects', {});
  assert.ok(projects.projects.some(project => project.id === ear.projectId), JSON.stringify(projects));
  assert.equal((await call('atlas-list-clusters', { projectId: ear.projectId })).totalCount, 0);
  assert.equal((await call('atlas-list-clusters', {})).totalCount, 0);

  const created = await call('atlas-create-cluster', {
    projectId: ear.projectId,
    clusterName: 'from-mcp',
    provider: 'GCP',
    regions: ['CENTRAL_US'],
    instanceSize: 'M10',
    computeAutoScaling: false,
    mongoDBVersion: '8.0',
    backup: 'OFF',
  });
  assert.equal(created.encryptionAtRestProvider, 'GCP', 'a valid key of the project is taken by itself');

  const cluster = await until('the cluster is IDLE', () => call('atlas-inspect-cluster', { projectId: ear.projectId, clusterName: 'from-mcp' }), it => it.state === 'IDLE');
  assert.equal(cluster.instanceSize, 'M10');
  assert.match(cluster.connectionStrings.standard, /^mongodb:\/\//);
  const listed = await call('atlas-list-clusters', { projectId: ear.projectId });
  assert.deepEqual(listed.clusters.map(it => it.name), ['from-mcp']);
  const everywhere = await call('atlas-list-clusters', {});
  assert.deepEqual(everywhere.clusters.map(it => [it.projectId, it.clusterName]), [[ear.projectId, 'from-mcp']], 'without a project: those of all projects');
  assert.ok(Array.isArray((await call('atlas-list-alerts', { projectId: ear.projectId })).alerts));

  const refused = await client.callTool({ name: 'atlas-create-cluster', arguments: { projectId: ear.projectId, clusterName: 'scaling', provider: 'GCP', regions: ['CENTRAL_US'], instanceSize: 'M10' } });
  assert.ok(refused.isError, 'what Ear does not run is refused, not dropped');
  console.log('refused as it should be:', refused.content[0].text.slice(0, 300));
} catch (fault) {
  console.error(Buffer.concat(logged).toString());
  throw fault;
} finally {
  await client.close();
}
console.log('mcp.mjs: held');

async function call(name, args) {
  const answer = await client.callTool({ name, arguments: args });
  assert.ok(!answer.isError, `${name}: ${JSON.stringify(answer.content)}`);
  return answer.structuredContent;
}

async function until(what, look, holds) {
  const end = Date.now() + 120_000;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    assert.ok(Date.now() < end, `not within two minutes: ${what}: ${JSON.stringify(seen)}`);
    await new Promise(resolve => setTimeout(resolve, 500));
  }
}
