using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Ear.Local.Kms.Azure.Vault;

namespace Ear.Local.Tests.Kms.Azure;

/// <summary>What a key's state does to each operation (spec kms §1.2).</summary>
public sealed class VaultRulesTests
{
    private static readonly string Secret = Base64Url.EncodeToString("thirty-two bytes of a data key.."u8);

    [Theory]
    [InlineData("wrapkey", "unwrapkey", "RSA-OAEP-256")]
    [InlineData("wrapKey", "unwrapKey", "RSA-OAEP")]
    [InlineData("encrypt", "DECRYPT", "RSA1_5")]
    public async Task What_the_key_closes_it_opens_again_and_says_which_version_it_used(string close, string open, string algorithm)
    {
        await using var world = await AzureWorld.StartAsync();
        var created = await world.PostAsync("/keys/orders/create", new { kty = "RSA" });

        // Without a version, as clients write it then: with a slash too many, and with an encoded dash.
        var closed = await world.PostAsync($"/keys/orders//{close}?api%2Dversion=2025-07-01", new { alg = algorithm, value = Secret });
        var opened = await world.PostAsync($"/keys/orders/{created.Version}/{open}", new { alg = algorithm, value = closed.Value });

        Assert.Equal((HttpStatusCode.OK, created.Kid), (closed.Status, closed.Kid));
        Assert.DoesNotContain('=', closed.Value!);
        Assert.Equal((Secret, created.Kid), (opened.Value, opened.Kid));
    }

    [Theory]
    [InlineData("wrapkey", 200, null, null)]
    [InlineData("encrypt", 200, null, null)]
    [InlineData("unwrapkey", 403, "KeyDisabled", "Operation unwrapKey is not allowed on a disabled key.")]
    [InlineData("decrypt", 403, "KeyDisabled", "Operation decrypt is not allowed on a disabled key.")]
    public async Task A_disabled_key_refuses_what_needs_its_private_half(string action, int status, string? inner, string? text)
    {
        await using var world = await AzureWorld.StartAsync();
        var wrapped = await NewKeyAsync(world);
        var disabled = await world.CallAsync(HttpMethod.Patch, "/keys/orders", new { attributes = new { enabled = false } });
        Assert.False((bool)disabled.Body["attributes"]!["enabled"]!);

        await AssertAsync(world, wrapped, action, status, inner, text);
        Assert.Equal(HttpStatusCode.OK, (await world.GetAsync("/keys/orders")).Status);
        world.Service.Keys.Update("orders", null, new KeyChange { Enabled = true });
        await AssertAsync(world, wrapped, "unwrapkey", 200, null, null);
    }

    [Theory]
    [InlineData(-7200, -3600, "wrapkey", 403, "KeyExpired", "Operation wrapKey is not allowed on an expired key.")]
    [InlineData(-7200, -3600, "encrypt", 403, "KeyExpired", "Operation encrypt is not allowed on an expired key.")]
    [InlineData(-7200, -3600, "unwrapkey", 200, null, null)]
    [InlineData(-7200, -3600, "decrypt", 200, null, null)]
    [InlineData(3600, 7200, "wrapkey", 403, "KeyNotYetValid", "Operation wrapKey is not allowed on a key that is not yet valid.")]
    [InlineData(3600, 7200, "unwrapkey", 200, null, null)]
    [InlineData(-3600, 3600, "wrapkey", 200, null, null)]
    public async Task Outside_its_window_a_key_opens_and_does_not_close(int from, int until, string action, int status, string? inner, string? text)
    {
        await using var world = await AzureWorld.StartAsync();
        var wrapped = await NewKeyAsync(world);
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var changed = await world.CallAsync(HttpMethod.Patch, $"/keys/orders/{wrapped.Version}", new { attributes = new { nbf = now + from, exp = now + until } });
        Assert.Equal((now + from, now + until), ((long)changed.Body["attributes"]!["nbf"]!, (long)changed.Body["attributes"]!["exp"]!));

        await AssertAsync(world, wrapped, action, status, inner, text);
    }

    [Fact]
    public async Task The_clock_of_the_service_decides_when_a_key_expires()
    {
        await using var world = await AzureWorld.StartAsync();
        var wrapped = await NewKeyAsync(world);
        world.Service.Keys.Update("orders", null, new KeyChange { Expires = DateTimeOffset.UtcNow.AddDays(1) });
        await AssertAsync(world, wrapped, "wrapkey", 200, null, null);

        world.Service.Clock.Offset = TimeSpan.FromDays(2);

        await AssertAsync(world, wrapped, "wrapkey", 403, "KeyExpired", "Operation wrapKey is not allowed on an expired key.");
        Assert.Equal(DateTimeOffset.UtcNow.AddDays(2), (await world.GetAsync("/keys/orders")).Headers.Date!.Value, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task An_operation_that_key_ops_leaves_out_is_refused()
    {
        await using var world = await AzureWorld.StartAsync();
        var wrapped = await NewKeyAsync(world);
        await world.CallAsync(HttpMethod.Patch, "/keys/orders/", new { key_ops = new[] { "unwrapKey" } });

        await AssertAsync(world, wrapped, "wrapkey", 403, "KeyOperationForbidden", "Operation wrapKey is not permitted on this key.");
        await AssertAsync(world, wrapped, "unwrapkey", 200, null, null);
    }

    [Fact]
    public async Task A_key_of_another_type_wraps_nothing()
    {
        await using var world = await AzureWorld.StartAsync();
        var created = await world.PostAsync("/keys/curve/create", new { kty = "EC", crv = "P-384" });

        Assert.Equal(("EC", "P-384"), ((string?)created.Body["key"]!["kty"], (string?)created.Body["key"]!["crv"]));
        var refused = await world.PostAsync("/keys/curve/wrapkey", new { alg = "RSA-OAEP-256", value = Secret });
        Assert.Equal((403, "Forbidden", "KeyOperationForbidden", "Operation wrapKey is not permitted on this key."), refused.Error);
    }

    [Fact]
    public async Task A_deleted_key_is_gone_and_can_be_looked_at_and_recovered_and_its_name_is_taken()
    {
        await using var world = await AzureWorld.StartAsync();
        var wrapped = await NewKeyAsync(world);

        var deleted = await world.CallAsync(HttpMethod.Delete, "/keys/orders");

        Assert.Equal($"{world.Address.VaultUrl}/deletedkeys/orders", (string?)deleted.Body["recoveryId"]);
        Assert.Equal(90 * 86_400, (long)deleted.Body["scheduledPurgeDate"]! - (long)deleted.Body["deletedDate"]!);
        const string notFound = "was not found in this key vault. If you recently deleted this key you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182";
        Assert.Equal((404, "KeyNotFound", null, "A key with (name/id) orders " + notFound), (await world.GetAsync("/keys/orders")).Error);
        await AssertAsync(world, wrapped, "unwrapkey", 404, null, "A key with (name/id) orders " + notFound);
        var taken = await world.PostAsync("/keys/orders/create", new { kty = "RSA" });
        Assert.Equal((409, "Conflict", "ObjectIsDeletedButRecoverable"), (taken.Error.Item1, taken.Error.Item2, taken.Error.Item3));
        Assert.Equal(deleted.Body.ToJsonString(), (await world.GetAsync("/deletedkeys/orders")).Body.ToJsonString());

        Assert.Equal(wrapped.Kid, (await world.PostAsync("/deletedkeys/orders/recover", new { })).Kid);
        await AssertAsync(world, wrapped, "unwrapkey", 200, null, null);
        Assert.Equal((404, "KeyNotFound", null, "Deleted Key not found: orders"), (await world.GetAsync("/deletedkeys/orders")).Error);
    }

    [Fact]
    public async Task Deletion_and_recovery_may_take_time_and_end()
    {
        await using var world = await AzureWorld.StartAsync();
        await NewKeyAsync(world);
        world.Service.Keys.Settling = TimeSpan.FromMinutes(1);

        world.Service.Keys.Delete("orders");
        Assert.Equal((409, "ObjectIsBeingDeleted"), ((await world.GetAsync("/keys/orders")).Error.Item1, (await world.GetAsync("/keys/orders")).Error.Item3));
        Assert.Equal(HttpStatusCode.NotFound, (await world.GetAsync("/deletedkeys/orders")).Status);
        world.Service.Clock.Offset += TimeSpan.FromMinutes(1.1);
        Assert.Equal(HttpStatusCode.OK, (await world.GetAsync("/deletedkeys/orders")).Status);

        world.Service.Keys.Recover("orders");
        Assert.Equal(HttpStatusCode.NotFound, (await world.GetAsync("/keys/orders")).Status);
        Assert.Equal("ObjectIsBeingRecovered", (await world.PostAsync("/keys/orders/create", new { kty = "RSA" })).Error.Item3);
        world.Service.Clock.Offset += TimeSpan.FromMinutes(1.1);
        Assert.Equal(HttpStatusCode.OK, (await world.GetAsync("/keys/orders")).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_purged_key_is_gone_for_good_and_its_name_is_free(bool byRequest)
    {
        await using var world = await AzureWorld.StartAsync();
        var before = await NewKeyAsync(world);
        await world.CallAsync(HttpMethod.Delete, "/keys/orders");

        if (byRequest)
            Assert.Equal(HttpStatusCode.NoContent, (await world.CallAsync(HttpMethod.Delete, "/deletedkeys/orders")).Status);
        else
            world.Service.Clock.Offset = TimeSpan.FromDays(90.01);

        Assert.Equal(HttpStatusCode.NotFound, (await world.PostAsync("/deletedkeys/orders/recover", new { })).Status);
        var again = await world.PostAsync("/keys/orders/create", new { kty = "RSA" });
        Assert.Equal(HttpStatusCode.OK, again.Status);
        Assert.Equal(HttpStatusCode.NotFound, (await world.GetAsync($"/keys/orders/{before.Version}")).Status);
    }

    [Fact]
    public async Task After_rotation_the_new_version_wraps_and_the_old_one_still_unwraps_its_own()
    {
        await using var world = await AzureWorld.StartAsync();
        var wrapped = await NewKeyAsync(world);
        var policy = await world.CallAsync(HttpMethod.Put, "/keys/orders/rotationpolicy", new
        {
            lifetimeActions = new[] { new { trigger = new { timeAfterCreate = "P30D" }, action = new { type = "rotate" } } },
            attributes = new { expiryTime = "P90D" },
        });
        Assert.Equal("P90D", (string?)(await world.GetAsync("/keys/orders/rotationpolicy")).Body["attributes"]!["expiryTime"]);
        Assert.Equal(("P30D", "Rotate"), ((string?)policy.Body["lifetimeActions"]![0]!["trigger"]!["timeAfterCreate"], (string?)policy.Body["lifetimeActions"]![0]!["action"]!["type"]));

        var rotated = await world.PostAsync("/keys/orders/rotate", new { });

        Assert.NotEqual(wrapped.Version, rotated.Version);
        Assert.Equal(90 * 86_400, (long)rotated.Body["attributes"]!["exp"]! - (long)rotated.Body["attributes"]!["created"]!);
        Assert.Equal(rotated.Kid, (await world.PostAsync("/keys/orders/wrapkey", new { alg = "RSA-OAEP-256", value = Secret })).Kid);
        await AssertAsync(world, wrapped, "unwrapkey", 200, null, null);
        Assert.Equal((400, "BadParameter", null, "The parameter is incorrect."), (await world.PostAsync($"/keys/orders/{rotated.Version}/unwrapkey", new { alg = "RSA-OAEP-256", value = wrapped.Value })).Error);
    }

    [Fact]
    public async Task A_key_made_elsewhere_is_imported_and_never_given_back_whole()
    {
        await using var world = await AzureWorld.StartAsync();
        using var rsa = RSA.Create(2048);
        var p = rsa.ExportParameters(includePrivateParameters: true);
        static string B(byte[]? bytes) => Base64Url.EncodeToString(bytes);

        var imported = await world.CallAsync(HttpMethod.Put, "/keys/brought", new
        {
            key = new { kty = "RSA", n = B(p.Modulus), e = B(p.Exponent), d = B(p.D), p = B(p.P), q = B(p.Q), dp = B(p.DP), dq = B(p.DQ), qi = B(p.InverseQ), key_ops = new[] { "unwrapKey" } },
            tags = new { owner = "orders" },
        });

        Assert.Equal(["unwrapKey"], imported.Body["key"]!["key_ops"]!.AsArray().Select(o => (string?)o));
        Assert.Equal("orders", (string?)imported.Body["tags"]!["owner"]);
        Assert.DoesNotContain(B(p.D), imported.Body.ToJsonString());
        var unwrapped = await world.PostAsync("/keys/brought/unwrapkey", new { alg = "RSA-OAEP-256", value = Base64Url.EncodeToString(rsa.Encrypt("x"u8.ToArray(), RSAEncryptionPadding.OaepSHA256)) });
        Assert.Equal(Base64Url.EncodeToString("x"u8), unwrapped.Value);
    }

    [Fact]
    public async Task Keys_versions_and_deleted_keys_are_listed_page_by_page()
    {
        await using var world = await AzureWorld.StartAsync();
        foreach (var name in (string[])["a", "b", "c", "d", "e"])
            await world.PostAsync($"/keys/{name}/create", new { kty = "EC" });
        await world.PostAsync("/keys/a/rotate", new { });
        await world.CallAsync(HttpMethod.Delete, "/keys/e");

        Assert.Equal(["a", "b", "c", "d"], (await ListAsync(world, "/keys")).Select(k => k[(k.LastIndexOf('/') + 1)..]));
        Assert.Equal(2, (await ListAsync(world, "/keys/a/versions")).Count);
        Assert.Equal([$"{world.Address.VaultUrl}/keys/e"], await ListAsync(world, "/deletedkeys"));
    }

    [Theory]
    [InlineData("/keys/orders?x=1", "api-version must be specified")]
    [InlineData("/keys/orders?api-version=6.9", "The specified version (6.9) is not recognized. Consider using the latest supported version (2025-07-01).")]
    [InlineData("/keys/or_ders", "The request URI contains an invalid name: or_ders")]
    [InlineData("/keys/orders/abc", "The request URI contains an invalid version: abc")]
    [InlineData("/keys?api-version=7.4&maxresults=26", "maxresults should be between 1 and 25")]
    public async Task An_address_that_is_wrong_is_told_so(string path, string text)
    {
        await using var world = await AzureWorld.StartAsync();
        await NewKeyAsync(world);

        Assert.Equal((400, "BadParameter", null, text), (await world.GetAsync(path)).Error);
    }

    [Theory]
    [InlineData("/keys/orders/wrapkey", """{"alg":"RSA-OAEP-256","value":"*"}""", "Content of 'value' is not base64url.\r\nProperty 'value' is required.\r\n")]
    [InlineData("/keys/orders/wrapkey", """{"alg":"A256KW","value":"AA"}""", "Property 'alg' has invalid value: 'A256KW' for key type RSA")]
    [InlineData("/keys/orders/wrapkey", "nonsense", "The request body is not the JSON that this operation takes.")]
    [InlineData("/keys/orders/wrapkey", "", "Request body not specified")]
    [InlineData("/keys/new/create", """{"kty":"RSA","key_size":1024}""", "Key size is not supported: 1024")]
    [InlineData("/keys/new/create", """{"kty":"oct"}""", "Property kty has invalid value")]
    [InlineData("/keys/new/create", """{"kty":"EC","key_ops":["wrapKey"]}""", "Property key_ops has invalid value: 'wrapKey' for key type EC")]
    public async Task A_body_that_is_wrong_is_told_so(string path, string body, string text)
    {
        await using var world = await AzureWorld.StartAsync();
        await NewKeyAsync(world);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{world.Address.VaultUrl}{path}?api-version=7.4") { Content = new StringContent(body) };
        request.Headers.Authorization = new("Bearer", await world.AccessTokenAsync());

        Assert.Equal((400, "BadParameter", null, text), (await world.SendAsync(request)).Error);
    }

    private static async Task<List<string>> ListAsync(AzureWorld world, string path)
    {
        var (ids, next) = (new List<string>(), $"{path}?api-version=7.4&maxresults=1");
        while (next is not null)
        {
            var page = await world.GetAsync(next);
            Assert.InRange(page.Body["value"]!.AsArray().Count, 0, 1);
            ids.AddRange(page.Body["value"]!.AsArray().Select(k => (string)k!["kid"]!));
            next = ((string?)page.Body["nextLink"])?[world.Address.VaultUrl.Length..];
        }
        return ids;
    }

    /// <returns>What wrapping <see cref="Secret"/> answered.</returns>
    private static async Task<Answer> NewKeyAsync(AzureWorld world)
    {
        Assert.Equal(HttpStatusCode.OK, (await world.PostAsync("/keys/orders/create", new { kty = "RSA", key_size = 2048 })).Status);
        return await world.PostAsync("/keys/orders/wrapkey", new { alg = "RSA-OAEP-256", value = Secret });
    }

    private static async Task AssertAsync(AzureWorld world, Answer wrapped, string action, int status, string? inner, string? text)
    {
        var value = action is "wrapkey" or "encrypt" ? Secret : wrapped.Value;
        var answer = await world.PostAsync($"/keys/orders/{wrapped.Version}/{action}", new { alg = "RSA-OAEP-256", value });
        Assert.Equal((status, inner, text), (answer.Error.Item1, answer.Error.Item3, answer.Error.Item4));
        if (status == 200 && value != Secret)
            Assert.Equal(Secret, answer.Value);
    }
}
