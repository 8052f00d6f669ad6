// @google-cloud/kms by gRPC and by REST against the local Google Cloud KMS.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { KeyManagementServiceClient } from '@google-cloud/kms';
import { address, refusal } from './address.mjs';

const require = createRequire(createRequire(import.meta.url).resolve('@google-cloud/kms'));
const { GoogleAuth, grpc } = require('google-gax');

const { google } = await address();
const [host, port] = google.endpoint.split(':');
const credentials = JSON.parse(await readFile(google.serviceAccountKeyFile, 'utf8'));
const plain = Buffer.from('a secret of the customer');
const aad = Buffer.from('orders');

// gRPC forbids credentials on a channel without TLS, so the token travels as the header that it would be: the signed JWT that Google's clients send to Google.
const account = new GoogleAuth({ credentials }).fromJSON(credentials);
account.useJWTAccessWithScope = true;
account.scopes = ['https://www.googleapis.com/auth/cloudkms'];
const headers = await account.getRequestHeaders('https://cloudkms.googleapis.com/');
const authorization = headers.get?.('authorization') ?? headers.Authorization;
const byGrpc = new KeyManagementServiceClient({ apiEndpoint: host, port: Number(port), sslCreds: grpc.credentials.createInsecure(), projectId: google.projectId });
const byRest = new KeyManagementServiceClient({ apiEndpoint: host, port: Number(port), protocol: 'http', fallback: true, credentials, projectId: google.projectId });

await story('grpc', byGrpc, { otherArgs: { headers: { authorization } } }, (error) => ({ code: error.code, status: grpc.status[error.code], message: error.details }));
// Over REST this client throws the answer as it came: HTTP's status as the code, the body as the message.
await story('rest', byRest, {}, (error) => ({ ...JSON.parse(error.message).error, code: Number(error.code) }), { INVALID_ARGUMENT: 400, FAILED_PRECONDITION: 400 });
console.log('google.mjs: held');

async function story(name, kms, options, told, codes = { INVALID_ARGUMENT: 3, FAILED_PRECONDITION: 9 }) {
  const refused = async (status, call) => {
    const said = told(await refusal(call));
    assert.equal(said.status, status);
    assert.equal(said.code, codes[status]);
    return said.message;
  };
  const parent = `projects/${google.projectId}/locations/global`;
  const [ring] = await kms.createKeyRing({ parent, keyRingId: `js-${name}` }, options);
  const [key] = await kms.createCryptoKey({ parent: ring.name, cryptoKeyId: 'orders', cryptoKey: { purpose: 'ENCRYPT_DECRYPT' } }, options);
  const version = key.primary.name;
  const [wrapped] = await kms.encrypt({ name: key.name, plaintext: plain, additionalAuthenticatedData: aad, plaintextCrc32c: { value: crc32c(plain) } }, options);
  assert.equal(wrapped.name, version);
  assert.equal(wrapped.verifiedPlaintextCrc32c, true);
  assert.equal(Number(wrapped.ciphertextCrc32c.value), crc32c(wrapped.ciphertext));
  const open = async (additionalAuthenticatedData = aad) => {
    const [opened] = await kms.decrypt({ name: key.name, ciphertext: wrapped.ciphertext, additionalAuthenticatedData }, options);
    assert.equal(Number(opened.plaintextCrc32c.value), crc32c(opened.plaintext));
    return Buffer.from(opened.plaintext);
  };
  assert.deepEqual(await open(), plain);
  assert.equal(await refused('INVALID_ARGUMENT', () => open(Buffer.from('another'))), 'Decryption failed: the ciphertext is invalid.');
  await refused('INVALID_ARGUMENT', () => kms.encrypt({ name: key.name, plaintext: plain, plaintextCrc32c: { value: 1 } }, options));

  const set = (state) => kms.updateCryptoKeyVersion({ cryptoKeyVersion: { name: version, state }, updateMask: { paths: ['state'] } }, options);
  await set('DISABLED');
  assert.equal(await refused('FAILED_PRECONDITION', () => open()), `${version} is not enabled, current state is: DISABLED.`);
  await set('ENABLED');
  assert.deepEqual(await open(), plain);

  const [second] = await kms.createCryptoKeyVersion({ parent: key.name, cryptoKeyVersion: {} }, options);
  await kms.updateCryptoKeyPrimaryVersion({ name: key.name, cryptoKeyVersionId: second.name.split('/').at(-1) }, options);
  const [again] = await kms.encrypt({ name: key.name, plaintext: plain }, options);
  assert.equal(again.name, second.name);
  assert.deepEqual(await open(), plain);

  const [destroyed] = await kms.destroyCryptoKeyVersion({ name: version }, options);
  assert.equal(destroyed.state, 'DESTROY_SCHEDULED');
  assert.ok(Number(destroyed.destroyTime.seconds) > Date.now() / 1000);
  assert.equal(await refused('FAILED_PRECONDITION', () => open()), `${version} is not enabled, current state is: DESTROY_SCHEDULED.`);
  assert.equal((await kms.restoreCryptoKeyVersion({ name: version }, options))[0].state, 'DISABLED');
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
