using Ear.Functions.Http.Access;
using Ear.Functions.Tests.Http;
using Ear.Functions.Tests.Http.World;
using Ear.Secrets;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Functions.Tests.Operator;

public sealed class OwnSecretsTests
{
    private const string Path = "/api/operator/v1/ownSecrets/renewal";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_operator_names_is_made_anew_and_nothing_else()
    {
        await using var doors = await Doors.OpenAsync();
        using var operators = doors.WithHostKey(doors.HostKeys.Master);
        var secrets = doors.Services.GetRequiredService<ISecrets>();
        var keys = doors.Services.GetRequiredService<DoorKeys>();
        var (nonce, token) = (await keys.NonceKeyAsync(Cancellation), await keys.TokenKeyAsync(Cancellation));

        var answer = await operators.SendJsonAsync(HttpMethod.Post, Path, $$"""{"names":["{{OwnSecrets.TokenKey}}","{{OwnSecrets.SealingKey}}"]}""");

        Assert.Equal(204, answer.Status);
        var started = new DoorKeys(secrets, doors.Services.GetRequiredService<IIds>());
        Assert.Equal(nonce, await started.NonceKeyAsync(Cancellation));
        Assert.NotEqual(token, await started.TokenKeyAsync(Cancellation));
    }

    [Theory]
    [InlineData("""{}""", "MISSING_ATTRIBUTE")]
    [InlineData("""{"names":[]}""", "MISSING_ATTRIBUTE")]
    [InlineData("""{"names":["bootstrap"]}""", "VALIDATION_ERROR")]
    [InlineData("""{"names":["http/access-token-key","projects/1/azure.v1"]}""", "VALIDATION_ERROR")]
    public async Task What_is_not_ears_own_is_refused_and_nothing_is_lost(string body, string code)
    {
        await using var doors = await Doors.OpenAsync();
        using var operators = doors.WithHostKey(doors.HostKeys.Master);
        var before = doors.Store.Everything;

        (await operators.SendJsonAsync(HttpMethod.Post, Path, body)).Refused(400, code);

        Assert.True(doors.Store.IsUnchangedSince(before));
    }
}
