// @azure/keyvault-keys with @azure/identity against the local Key Vault and Entra. NODE_EXTRA_CA_CERTS names the local authority.
import assert from 'node:assert/strict';
import { ClientSecretCredential } from '@azure/identity';
import { CryptographyClient, KeyClient } from '@azure/keyvault-keys';
import { address, refusal } from './address.mjs';

const { azure } = await address();
const identity = { authorityHost: new URL(azure.authority).origin, disableInstanceDiscovery: true };
const local = { disableChallengeResourceVerification: true, retryOptions: { maxRetries: 0 } };
const credential = new ClientSecretCredential(azure.tenantId, azure.clientId, azure.clientSecret, identity);
const keys = new KeyClient(azure.vaultUrl, credential, local);
const plain = Buffer.from('a secret of the customer');

const key = await keys.createRsaKey('orders-js', { keySize: 2048 });
const crypto = new CryptographyClient(key.id, credential, local);
const wrapped = await crypto.wrapKey('RSA-OAEP-256', plain);
assert.deepEqual(Buffer.from((await crypto.unwrapKey('RSA-OAEP-256', wrapped.result)).result), plain);

await keys.updateKeyProperties('orders-js', key.properties.version, { enabled: false });
const disabled = await refusal(() => crypto.unwrapKey('RSA-OAEP-256', wrapped.result));
assert.equal(disabled.statusCode, 403);
assert.equal(disabled.code, 'Forbidden');
assert.equal(disabled.details.error.innererror?.code ?? disabled.details.error.innerError?.code, 'KeyDisabled');
assert.match(disabled.message, /not allowed on a disabled key/);
assert.equal((await keys.getKey('orders-js')).properties.enabled, false);
await keys.updateKeyProperties('orders-js', key.properties.version, { enabled: true });
assert.deepEqual(Buffer.from((await crypto.unwrapKey('RSA-OAEP-256', wrapped.result)).result), plain);

const rotated = await keys.rotateKey('orders-js');
assert.notEqual(rotated.properties.version, key.properties.version);
assert.deepEqual(Buffer.from((await crypto.unwrapKey('RSA-OAEP-256', wrapped.result)).result), plain);
const versions = [];
for await (const version of keys.listPropertiesOfKeyVersions('orders-js')) versions.push(version.version);
assert.equal(versions.length, 2);

const deletion = await keys.beginDeleteKey('orders-js', { intervalInMs: 100 });
const deleted = await deletion.pollUntilDone();
assert.ok(deleted.properties.scheduledPurgeDate > new Date());
assert.equal((await refusal(() => keys.getKey('orders-js'))).code, 'KeyNotFound');
const conflict = await refusal(() => keys.createRsaKey('orders-js'));
assert.equal(conflict.statusCode, 409);
assert.equal(conflict.details.error.innererror?.code ?? conflict.details.error.innerError?.code, 'ObjectIsDeletedButRecoverable');
await (await keys.beginRecoverDeletedKey('orders-js', { intervalInMs: 100 })).pollUntilDone();
assert.deepEqual(Buffer.from((await crypto.unwrapKey('RSA-OAEP-256', wrapped.result)).result), plain);

const wrong = new KeyClient(azure.vaultUrl, new ClientSecretCredential(azure.tenantId, azure.clientId, 'another', identity), local);
assert.match((await refusal(() => wrong.getKey('orders-js'))).message, /AADSTS7000215/);
console.log('azure.mjs: held');
