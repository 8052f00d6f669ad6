using Ear.CustomerKeys;
using Ear.Providers.AzureKeyVault;

namespace Ear.Providers.Tests.AzureKeyVault;

/// <summary>The form of what is stored: it may grow another, and this one must stay readable.</summary>
public sealed class BoundPayloadTests
{
    private static readonly KeyContext Context = KeyContext.ForNodeMasterKey("0123456789abcdef01234567", "n0");

    [Fact]
    public void Is_a_format_byte_half_a_digest_and_the_plaintext()
    {
        var payload = BoundPayload.Of([7, 8], Context);

        Assert.Equal("01" + Context.Digest()[..32] + "0708", Convert.ToHexStringLower(payload));
        Assert.Equal([7, 8], BoundPayload.Open(payload, Context)!);
    }

    [Fact]
    public void Opens_for_its_own_context_and_in_its_own_form_only()
    {
        var payload = BoundPayload.Of([7, 8], Context);

        Assert.Null(BoundPayload.Open(payload, KeyContext.ForNodeMasterKey("0123456789abcdef01234567", "n1")));
        Assert.Null(BoundPayload.Open(payload.AsSpan(0, 16), Context));
        Assert.Null(BoundPayload.Open([2, .. payload[1..]], Context));
        Assert.Equal([], BoundPayload.Open(BoundPayload.Of([], Context), Context)!);
    }
}
