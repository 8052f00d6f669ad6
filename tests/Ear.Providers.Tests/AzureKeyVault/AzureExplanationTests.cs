using Ear.CustomerKeys;
using Ear.Providers.AzureKeyVault;

namespace Ear.Providers.Tests.AzureKeyVault;

/// <summary>What a key says of itself explains an answer that decided; it never turns a no into a yes.</summary>
public sealed class AzureExplanationTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private static readonly AzureSignal NotFound = new(AzureStep.Vault, AzureFault.Answer, "KeyNotFound", "", "not found", 404);
    private static readonly AzureSignal Strange = new(AzureStep.Vault, AzureFault.Answer, "Forbidden", "SomethingNew", "no", 403);
    private static readonly AzureSignal BadParameter = new(AzureStep.Vault, AzureFault.Answer, "BadParameter", "", "incorrect", 400);

    [Fact]
    public void A_missing_key_that_was_deleted_tells_until_when_it_can_be_recovered()
    {
        var verdict = Assert.IsType<KeyVerdict.Invalid>(Explained(NotFound, new() { Deleted = true, PurgeDate = Now.AddDays(7) }));

        Assert.Equal(InvalidReason.KeyDeletedOrPendingDeletion, verdict.Reason);
        Assert.Contains("2026-12-01", verdict.Detail);
    }

    [Fact]
    public void A_missing_version_of_a_key_that_exists_is_not_found_in_other_words()
    {
        var verdict = Assert.IsType<KeyVerdict.Invalid>(Explained(NotFound, new() { OtherVersionExists = true }));

        Assert.Equal(InvalidReason.KeyNotFound, verdict.Reason);
        Assert.Contains("this version", verdict.Detail);
    }

    [Fact]
    public void A_403_that_nobody_knows_is_explained_by_the_keys_attributes()
    {
        Assert.Equal(InvalidReason.KeyDisabled, Assert.IsType<KeyVerdict.Invalid>(Explained(Strange, new() { Enabled = false })).Reason);
        // A page of whatever stands between is explained by nothing.
        Assert.Null(Explained(Strange with { Code = "" }, new() { Enabled = false }));
        Assert.Null(Explained(Strange with { Code = "" }, new() { Enabled = true, Expires = Now }));
        Assert.Equal(InvalidReason.KeyExpiredOrNotYetValid, Assert.IsType<KeyVerdict.Invalid>(Explained(Strange, new() { Enabled = true, Expires = Now })).Reason);
        Assert.Equal(InvalidReason.KeyNotYetValid, Assert.IsType<KeyVerdict.Invalid>(Explained(Strange, new() { Enabled = true, NotBefore = Now.AddSeconds(1) })).Reason);
        Assert.Null(Explained(Strange, new() { Enabled = true, NotBefore = Now, Expires = Now.AddSeconds(1) }));
        Assert.Null(Explained(Strange with { Status = 404 }, new() { Enabled = false }));
    }

    [Fact]
    public void A_400_is_the_keys_fault_only_where_the_key_is_no_rsa_key()
    {
        Assert.Equal(InvalidReason.WrongKeyType, Assert.IsType<KeyVerdict.Invalid>(Explained(BadParameter, new() { Enabled = true, IsRsa = false })).Reason);
        Assert.Null(Explained(BadParameter, new() { Enabled = true, IsRsa = true }));
        Assert.Null(Explained(BadParameter, new()));
    }

    [Theory]
    [InlineData(true, null, null, "Enabled")]
    [InlineData(false, null, null, "Disabled")]
    [InlineData(true, 1, null, "NotYetValid")]
    [InlineData(true, null, 0, "Expired")]
    [InlineData(true, 0, 1, "Enabled")]
    [InlineData(null, null, null, null)]
    public void A_key_has_a_state_in_a_word(bool? enabled, int? from, int? until, string? expected) =>
        Assert.Equal(expected, new AzureDescription { Enabled = enabled, NotBefore = from is { } f ? Now.AddSeconds(f) : null, Expires = until is { } u ? Now.AddSeconds(u) : null }.State(Now));

    private static KeyVerdict? Explained(AzureSignal signal, AzureDescription described) =>
        AzureVerdicts.Explained(signal, AzureFailure.Of(signal).Verdict, described, Now);
}
