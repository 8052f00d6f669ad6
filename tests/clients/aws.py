"""boto3 against the local AWS KMS and STS."""
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from address import address, refusal

aws = address['aws']
plain = b'a secret of the customer'
context = {'project': 'orders'}


def client(service, key_id=aws['accessKeyId'], secret=aws['secretAccessKey'], token=None):
    return boto3.client(
        service, endpoint_url=aws['endpoint'], region_name=aws['region'], aws_access_key_id=key_id, aws_secret_access_key=secret, aws_session_token=token,
        config=Config(retries={'total_max_attempts': 1}))


def refused(call):
    error = refusal(call, ClientError)
    assert error.response['ResponseMetadata']['RequestId'], error.response
    return error.response['Error'], error.response['ResponseMetadata']['HTTPStatusCode']


kms, sts = client('kms'), client('sts')
key = kms.create_key(Description='orders', Tags=[])['KeyMetadata']
wrapped = kms.encrypt(KeyId=key['KeyId'], Plaintext=plain, EncryptionContext=context)
assert wrapped['KeyId'] == key['Arn']


def opened(by=kms, blob=wrapped['CiphertextBlob'], encryption_context=None):
    return by.decrypt(CiphertextBlob=blob, EncryptionContext=context if encryption_context is None else encryption_context)['Plaintext']


assert opened() == plain
assert refused(lambda: opened(encryption_context={'project': 'another'}))[0]['Code'] == 'InvalidCiphertextException'
assert refused(lambda: kms.describe_key(KeyId='alias/nowhere')) == (
    {'Code': 'NotFoundException', 'Message': f"Alias arn:aws:kms:{aws['region']}:{key['AWSAccountId']}:alias/nowhere is not found."}, 400)

kms.disable_key(KeyId=key['KeyId'])
assert refused(opened) == ({'Code': 'DisabledException', 'Message': f"{key['Arn']} is disabled."}, 400)
assert kms.describe_key(KeyId=key['Arn'])['KeyMetadata']['KeyState'] == 'Disabled'
kms.enable_key(KeyId=key['KeyId'])
assert opened() == plain

deletion = kms.schedule_key_deletion(KeyId=key['KeyId'], PendingWindowInDays=7)
assert (deletion['KeyState'], deletion['PendingWindowInDays']) == ('PendingDeletion', 7)
error, _ = refused(opened)
assert error == {'Code': 'KMSInvalidStateException', 'Message': f"{key['Arn']} is pending deletion."}, error
kms.cancel_key_deletion(KeyId=key['KeyId'])
assert kms.describe_key(KeyId=key['KeyId'])['KeyMetadata']['KeyState'] == 'Disabled'
kms.enable_key(KeyId=key['KeyId'])

kms.create_alias(AliasName='alias/orders-py', TargetKeyId=key['KeyId'])
assert kms.describe_key(KeyId='alias/orders-py')['KeyMetadata']['Arn'] == key['Arn']
data = kms.generate_data_key(KeyId='alias/orders-py', KeySpec='AES_256')
assert opened(blob=data['CiphertextBlob'], encryption_context={}) == data['Plaintext']
assert 'Plaintext' not in kms.generate_data_key_without_plaintext(KeyId='alias/orders-py', KeySpec='AES_128')

kms.enable_key_rotation(KeyId=key['KeyId'])
assert kms.get_key_rotation_status(KeyId=key['KeyId'])['KeyRotationEnabled'] is True
kms.disable_key_rotation(KeyId=key['KeyId'])
assert kms.get_key_rotation_status(KeyId=key['KeyId'])['KeyRotationEnabled'] is False

other = kms.create_key()['KeyMetadata']
moved = kms.re_encrypt(CiphertextBlob=wrapped['CiphertextBlob'], SourceEncryptionContext=context, DestinationKeyId=other['KeyId'])
assert (moved['SourceKeyId'], moved['KeyId']) == (key['Arn'], other['Arn'])
assert opened(blob=moved['CiphertextBlob'], encryption_context={}) == plain
assert {key['KeyId'], other['KeyId']} <= {k['KeyId'] for page in kms.get_paginator('list_keys').paginate(PaginationConfig={'PageSize': 1}) for k in page['Keys']}


def assume(**external_id):
    return sts.assume_role(RoleArn=aws['roleArn'], RoleSessionName='try', **external_id)['Credentials']


for wrong in ({}, {'ExternalId': 'another'}):
    error, status = refused(lambda: assume(**wrong))
    assert (error['Code'], status) == ('AccessDenied', 403), error
session = assume(ExternalId=aws['externalId'])
as_role = (session['AccessKeyId'], session['SecretAccessKey'], session['SessionToken'])
assert ':assumed-role/' in client('sts', *as_role).get_caller_identity()['Arn']
assert opened(by=client('kms', *as_role)) == plain
error, status = refused(lambda: client('kms', *as_role).disable_key(KeyId=key['KeyId']))
assert (error['Code'], status) == ('AccessDeniedException', 400), error
error, status = refused(lambda: client('kms', secret='another').list_keys())
assert (error['Code'], status) == ('InvalidSignatureException', 400), error
print('aws.py: held')
