using Ear.CustomerKeys;
using Ear.Providers.AwsKms;

namespace Ear.Providers.Tests.AwsKms;

/// <summary>Which key in which region opens what was wrapped.</summary>
public sealed class AwsKeyNameTests
{
    private const string Multi = "mrk-0123456789abcdef0123456789abcdef";
    private const string Plain = "1234abcd-12ab-34cd-56ef-1234567890ab";

    [Theory]
    // The key that wrapped, where it is, whatever is configured by now.
    [InlineData(Plain, "eu-west-1", "arn:aws:kms:us-east-1:111122223333:key/" + Plain, "arn:aws:kms:us-east-1:111122223333:key/" + Plain, "us-east-1")]
    [InlineData("arn:aws:kms:eu-west-1:999999999999:key/" + Plain, "eu-west-1", "arn:aws:kms:us-east-1:111122223333:key/" + Plain, "arn:aws:kms:us-east-1:111122223333:key/" + Plain, "us-east-1")]
    [InlineData(Plain, "us-gov-west-1", "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/" + Plain, "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/" + Plain, "us-gov-west-1")]
    // A related multi-Region key is the same key: the configured region is asked.
    [InlineData(Multi, "eu-west-1", "arn:aws:kms:us-east-1:111122223333:key/" + Multi, Multi, "eu-west-1")]
    [InlineData("arn:aws:kms:eu-west-1:111122223333:key/" + Multi, "eu-west-1", "arn:aws:kms:us-east-1:111122223333:key/" + Multi, "arn:aws:kms:eu-west-1:111122223333:key/" + Multi, "eu-west-1")]
    // Another multi-Region key is not.
    [InlineData("mrk-ffffffffffffffffffffffffffffffff", "eu-west-1", "arn:aws:kms:us-east-1:111122223333:key/" + Multi, "arn:aws:kms:us-east-1:111122223333:key/" + Multi, "us-east-1")]
    // A configured ARN of another region than the configured one cannot be asked there.
    [InlineData("arn:aws:kms:us-west-2:111122223333:key/" + Multi, "eu-west-1", "arn:aws:kms:us-east-1:111122223333:key/" + Multi, "arn:aws:kms:us-east-1:111122223333:key/" + Multi, "us-east-1")]
    public void A_wrapped_key_is_opened_by(string configured, string region, string wrappedBy, string keyId, string asked) =>
        Assert.Equal(
            new AwsKeyName(keyId, asked),
            AwsKeyName.ToOpen(new CustomerKey.Aws(configured, region, new AwsAccess.Role("arn:aws:iam::111122223333:role/r", "x")), wrappedBy));
}
