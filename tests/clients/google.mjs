// @google-cloud/kms by gRPC and by REST against the local Google Cloud KMS.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { KeyManagementServiceClient } from '@google-cloud/kms';
import { address, refusal } from './address.mjs';

const require = createRequire(createRequire(import.meta.url).resolve('@google-cloud/kms'));
const { grpc } = require('google-gax');

const { google } = await address();
const port = google.endpoint.split(':')[1];
const credentials = JSON.parse(await readFile(google.serviceAccountKeyFile, 'utf8'));
const plain = Buffer.from('a secret of the customer');
const aad = Buffer.from('orders');

// GRPC_DEFAULT_SSL_ROOTS_FILE_PATH and NODE_EXTRA_CA_CERTS name the local authority.
const local = { apiEndpoint: 'localhost', port: Number(port), credentials, projectId: google.projectId };
const byGrpc = new KeyManagementServiceClient(local);
const byRest = new KeyManagementServiceClient({ ...local, fallback: true });

await story('grpc', byGrpc, (error) => ({ code: error.code, status: grpc.status[error.code], message: error.details }));
// Over REST this client throws the answer as it came: HTTP's status as the code, the body as the message.
await story('rest', byRest, (error) => ({ ...JSON.parse(error.message).error, code: Number(error.code) }), { INVALID_ARGUMENT: 400, FAILED_PRECONDITION: 400 });
console.log('google.mjs: held');

async function story(name, kms, told, codes = { INVALID_ARGUMENT: 3, FAILED_PRECONDITION: 9 }) {
  const refused = async (status, call) => {
    const said = told(await refusal(call));
    assert.equal(said.status, status);
    assert.equal(said.code, codes[status]);
    return said.message;
  };
  const parent = `projects/${google.projectId}/locations/global`;
  const [ring] = await kms.createKeyRing({ parent, keyRingId: `js-${name}` });
  const [key] = await kms.createCryptoKey({ parent: ring.name, cryptoKeyId: 'orders', cryptoKey: { purpose: 'ENCRYPT_DECRYPT' } });
  const version = key.primary.name;
  const [wrapped] = await kms.encrypt({ name: key.name, plaintext: plain, additionalAuthenticatedData: aad, plaintextCrc32c: { value: crc32c(plain) } });
  assert.equal(wrapped.name, version);
  assert.equal(wrapped.verifiedPlaintextCrc32c, true);
  assert.equal(Number(wrapped.ciphertextCrc32c.value), crc32c(wrapped.ciphertext));
  const open = async (additionalAuthenticatedData = aad) => {
    const [opened] = await kms.decrypt({ name: key.name, ciphertext: wrapped.ciphertext, additionalAuthenticatedData });
    assert.equal(Number(opened.plaintextCrc32c.value), crc32c(opened.plaintext));
    return Buffer.from(opened.plaintext);
  };
  assert.deepEqual(await open(), plain);
  assert.equal(await refused('INVALID_ARGUMENT', () => open(Buffer.from('another'))), 'Decryption failed: the ciphertext is invalid.');
  await refused('INVALID_ARGUMENT', () => kms.encrypt({ name: key.name, plaintext: plain, plaintextCrc32c: { value: 1 } }));

  const set = (state) => kms.updateCryptoKeyVersion({ cryptoKeyVersion: { name: version, state }, updateMask: { paths: ['state'] } });
  await set('DISABLED');
  assert.equal(await refused('FAILED_PRECONDITION', () => open()), `${version} is not enabled, current state is: DISABLED.`);
  await set('ENABLED');
  assert.deepEqual(await open(), plain);

  const [second] = await kms.createCryptoKeyVersion({ parent: key.name, cryptoKeyVersion: {} });
  await kms.updateCryptoKeyPrimaryVersion({ name: key.name, cryptoKeyVersionId: second.name.split('/').at(-1) });
  const [again] = await kms.encrypt({ name: key.name, plaintext: plain });
  assert.equal(again.name, second.name);
  assert.deepEqual(await open(), plain);

  const [destroyed] = await kms.destroyCryptoKeyVersion({ name: version });
  assert.equal(destroyed.state, 'DESTROY_SCHEDULED');
  assert.ok(Number(destroyed.destroyTime.seconds) > Date.now() / 1000);
  assert.equal(await refused('FAILED_PRECONDITION', () => open()), `${version} is not enabled, current state is: DESTROY_SCHEDULED.`);
  assert.equal((await kms.restoreCryptoKeyVersion({ name: version }))[0].state, 'DISABLED');
  await set('ENABLED');
  assert.deepEqual(await open(), plain);
}

function crc32c(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}
