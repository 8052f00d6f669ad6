"""The aws command against the local AWS KMS and STS."""
import base64
import json
import os
import subprocess
import tempfile

from address import address, refusal

aws = address['aws']
plain = b'a secret of the customer'


class Refused(Exception):
    pass


def run(*arguments, session=None):
    """What the command printed as JSON; None when it printed nothing."""
    environment = {
        **os.environ, 'AWS_CONFIG_FILE': os.devnull, 'AWS_SHARED_CREDENTIALS_FILE': os.devnull, 'AWS_PAGER': '', 'AWS_DEFAULT_REGION': aws['region'],
        'AWS_ACCESS_KEY_ID': session['AccessKeyId'] if session else aws['accessKeyId'],
        'AWS_SECRET_ACCESS_KEY': session['SecretAccessKey'] if session else aws['secretAccessKey'],
    }
    environment.pop('AWS_SESSION_TOKEN', None)
    if session:
        environment['AWS_SESSION_TOKEN'] = session['SessionToken']
    ended = subprocess.run(
        ['/usr/bin/aws', '--endpoint-url', aws['endpoint'], '--output', 'json', *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False)
    if ended.returncode != 0:
        raise Refused(ended.stderr.strip())
    return json.loads(ended.stdout) if ended.stdout.strip() else None


def refused(*arguments, session=None):
    return str(refusal(lambda: run(*arguments, session=session), Refused))


def opened(blob, session=None):
    with tempfile.NamedTemporaryFile() as file:
        file.write(base64.b64decode(blob))
        file.flush()
        return base64.b64decode(run('kms', 'decrypt', '--ciphertext-blob', f'fileb://{file.name}', '--encryption-context', 'project=orders', session=session)['Plaintext'])


key = run('kms', 'create-key')['KeyMetadata']
with tempfile.NamedTemporaryFile() as secret:
    secret.write(plain)
    secret.flush()
    blob = run('kms', 'encrypt', '--key-id', key['KeyId'], '--plaintext', f'fileb://{secret.name}', '--encryption-context', 'project=orders')['CiphertextBlob']
assert opened(blob) == plain

run('kms', 'disable-key', '--key-id', key['KeyId'])
why = str(refusal(lambda: opened(blob), Refused))
assert why == f"An error occurred (DisabledException) when calling the Decrypt operation: {key['Arn']} is disabled.", why
run('kms', 'enable-key', '--key-id', key['KeyId'])
assert opened(blob) == plain

run('kms', 'create-alias', '--alias-name', 'alias/orders-cli', '--target-key-id', key['KeyId'])
assert run('kms', 'describe-key', '--key-id', 'alias/orders-cli')['KeyMetadata']['Arn'] == key['Arn']
assert 'alias/orders-cli' in [a['AliasName'] for a in run('kms', 'list-aliases')['Aliases']]

assume = ('sts', 'assume-role', '--role-session-name', 'try', '--role-arn', aws['roleArn'])
assert '(AccessDenied) when calling the AssumeRole operation' in refused(*assume)
session = run(*assume, '--external-id', aws['externalId'])['Credentials']
assert ':assumed-role/' in run('sts', 'get-caller-identity', session=session)['Arn']
assert opened(blob, session) == plain
assert '(AccessDeniedException)' in refused('kms', 'disable-key', '--key-id', key['KeyId'], session=session)
print('aws_cli.py: held')
