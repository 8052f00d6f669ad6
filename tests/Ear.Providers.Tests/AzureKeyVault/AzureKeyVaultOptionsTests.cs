using Ear.Providers.AzureKeyVault;

namespace Ear.Providers.Tests.AzureKeyVault;

public sealed class AzureKeyVaultOptionsTests
{
    [Fact]
    public void What_comes_with_ear_is_sound() => Assert.True(new AzureKeyVaultOptionsCheck().Validate(null, new AzureKeyVaultOptions()).Succeeded);

    [Fact]
    public void Every_fault_is_told_at_once_and_no_secret_with_it()
    {
        var options = new AzureKeyVaultOptions
        {
            Authority = new Uri("http://localhost/"),
            CaFile = "/does/not/exist.pem",
            AppSecret = "hidden",
            ManagedIdentityClientId = "x",
            TokenExchangeAudience = "x",
            MaxTries = 0,
            VaultHosts = "localhost:8443, https://localhost",
        };

        var faults = new AzureKeyVaultOptionsCheck().Validate(null, options).Failures!.ToList();

        foreach (var setting in new[] { "Authority", "CaFile", "AppId", "AppSecret", "TokenExchangeAudience", "MaxTries", "VaultHosts" })
            Assert.Contains(faults, f => f.StartsWith($"{AzureKeyVaultOptions.Section}:{setting} ", StringComparison.Ordinal));
        Assert.DoesNotContain(faults, f => f.Contains("hidden", StringComparison.Ordinal));
        Assert.DoesNotContain("hidden", options.ToString());
    }
}
