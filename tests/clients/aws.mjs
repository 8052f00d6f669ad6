// AWS SDK for JavaScript v3 against the local AWS KMS and STS.
import assert from 'node:assert/strict';
import {
  CreateAliasCommand, CreateKeyCommand, DecryptCommand, DescribeKeyCommand, DisableKeyCommand, EnableKeyCommand, EncryptCommand, GenerateDataKeyCommand,
  KMSClient, ReEncryptCommand, RotateKeyOnDemandCommand,
} from '@aws-sdk/client-kms';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { address, refusal } from './address.mjs';

const { aws } = await address();
const options = { endpoint: aws.endpoint, region: aws.region, credentials: { accessKeyId: aws.accessKeyId, secretAccessKey: aws.secretAccessKey } };
const kms = new KMSClient(options);
const sts = new STSClient(options);
const plain = Buffer.from('a secret of the customer');
const context = { project: 'orders' };

const { KeyMetadata: key } = await kms.send(new CreateKeyCommand({}));
const wrapped = await kms.send(new EncryptCommand({ KeyId: key.KeyId, Plaintext: plain, EncryptionContext: context }));
const open = (blob = wrapped.CiphertextBlob, encryptionContext = context) => kms.send(new DecryptCommand({ CiphertextBlob: blob, EncryptionContext: encryptionContext }));
assert.deepEqual(Buffer.from((await open()).Plaintext), plain);
assert.equal((await refusal(() => open(wrapped.CiphertextBlob, { project: 'another' }))).name, 'InvalidCiphertextException');

await kms.send(new DisableKeyCommand({ KeyId: key.KeyId }));
const disabled = await refusal(() => open());
assert.equal(disabled.name, 'DisabledException');
assert.equal(disabled.message, `${key.Arn} is disabled.`);
assert.equal(disabled.$metadata.httpStatusCode, 400);
assert.equal((await kms.send(new DescribeKeyCommand({ KeyId: key.KeyId }))).KeyMetadata.KeyState, 'Disabled');
await kms.send(new EnableKeyCommand({ KeyId: key.KeyId }));
assert.deepEqual(Buffer.from((await open()).Plaintext), plain);

await kms.send(new CreateAliasCommand({ AliasName: 'alias/orders-js', TargetKeyId: key.KeyId }));
assert.equal((await kms.send(new DescribeKeyCommand({ KeyId: 'alias/orders-js' }))).KeyMetadata.Arn, key.Arn);
const data = await kms.send(new GenerateDataKeyCommand({ KeyId: 'alias/orders-js', KeySpec: 'AES_256' }));
assert.deepEqual((await kms.send(new DecryptCommand({ CiphertextBlob: data.CiphertextBlob }))).Plaintext, data.Plaintext);

await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.KeyId }));
assert.deepEqual(Buffer.from((await open()).Plaintext), plain);
const { KeyMetadata: other } = await kms.send(new CreateKeyCommand({}));
const moved = await kms.send(new ReEncryptCommand({ CiphertextBlob: wrapped.CiphertextBlob, SourceEncryptionContext: context, DestinationKeyId: other.KeyId }));
assert.equal(moved.KeyId, other.Arn);
assert.deepEqual(Buffer.from((await open(moved.CiphertextBlob, {})).Plaintext), plain);

const assume = (externalId) => sts.send(new AssumeRoleCommand({ RoleArn: aws.roleArn, RoleSessionName: 'try', ExternalId: externalId }));
assert.equal((await refusal(() => assume(undefined))).name, 'AccessDenied');
assert.equal((await refusal(() => assume('another'))).name, 'AccessDenied');
const { Credentials: session } = await assume(aws.externalId);
const asRole = { ...options, credentials: { accessKeyId: session.AccessKeyId, secretAccessKey: session.SecretAccessKey, sessionToken: session.SessionToken } };
assert.match((await new STSClient(asRole).send(new GetCallerIdentityCommand({}))).Arn, /assumed-role/);
assert.deepEqual(Buffer.from((await new KMSClient(asRole).send(new DecryptCommand({ CiphertextBlob: wrapped.CiphertextBlob, EncryptionContext: context }))).Plaintext), plain);
assert.equal((await refusal(() => new KMSClient(asRole).send(new DisableKeyCommand({ KeyId: key.KeyId })))).name, 'AccessDeniedException');
console.log('aws.mjs: held');
