using System.Buffers.Text;
using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ear.Local.Kms.Azure.Tls;
using Ear.Local.Kms.Azure.Vault;
using Ear.Local.Kms.Control;
using Ear.Local.Kms.Tls;

namespace Ear.Local.Tests.Kms.Azure;

/// <summary>The service as a whole: restart, faults, TLS, load, files.</summary>
public sealed class AzureServiceTests
{
    [Fact]
    public async Task Keys_credentials_tokens_and_the_authority_outlive_a_restart_and_experiments_do_not()
    {
        await using var world = await AzureWorld.StartAsync();
        var token = await world.AccessTokenAsync();
        await world.PostAsync("/keys/orders/create", new { kty = "RSA" });
        await world.PostAsync("/keys/gone/create", new { kty = "RSA" });
        await world.CallAsync(HttpMethod.Delete, "/keys/gone");
        var wrapped = await world.PostAsync("/keys/orders/wrapkey", new { alg = "RSA-OAEP-256", value = "c2VjcmV0" });
        world.Service.Keys.Update("orders", null, new KeyChange { Expires = DateTimeOffset.FromUnixTimeSeconds(1) });
        world.Service.Access.Allow(world.Service.EarAppId, ["GetKey"]);
        world.Service.Access.Network = NetworkRule.Firewall;
        var (address, authority) = (world.Address, await File.ReadAllTextAsync(world.Address.CaFile));

        await world.RestartAsync();

        Assert.Equal((address, authority), (world.Address, await File.ReadAllTextAsync(world.Address.CaFile)));
        Assert.Equal("c2VjcmV0", (await world.PostAsync($"/keys/orders/{wrapped.Version}/unwrapkey", new { alg = "RSA-OAEP-256", value = wrapped.Value }, token)).Value);
        Assert.Equal("KeyExpired", (await world.PostAsync("/keys/orders/wrapkey", new { alg = "RSA-OAEP-256", value = "AA" }, token)).Error.Item3);
        Assert.Equal(HttpStatusCode.OK, (await world.GetAsync("/deletedkeys/gone", token)).Status);
        Assert.Equal(["GetKey"], world.Service.Access.AllowedTo(world.Service.EarAppId));
    }

    [Fact]
    public async Task Many_clients_at_once_get_their_own_secrets_back()
    {
        await using var world = await AzureWorld.StartAsync();
        string[] names = ["a", "b", "c", "d"];
        foreach (var name in names)
            world.Service.Keys.Create(name);
        var token = await world.AccessTokenAsync();

        await Task.WhenAll(Enumerable.Range(0, 16).Select(async client =>
        {
            for (var i = 0; i < 100; i++)
            {
                var (name, secret) = (names[(client + i) % names.Length], RandomNumberGenerator.GetBytes(32));
                var value = Base64Url.EncodeToString(secret);
                var wrapped = await world.PostAsync($"/keys/{name}/wrapkey", new { alg = "RSA-OAEP-256", value }, token);
                Assert.Equal(HttpStatusCode.OK, wrapped.Status);
                Assert.Equal(value, (await world.PostAsync($"/keys/{name}/{wrapped.Version}/unwrapkey", new { alg = "RSA-OAEP-256", value = wrapped.Value }, token)).Value);
                if (client == 0 && i % 20 == 0)
                    await world.PostAsync($"/keys/{name}/rotate", new { }, token);
            }
        }));

        Assert.Equal(4 + 5, names.Sum(n => world.Service.Keys.Get(n).Versions.Count));
    }

    [Fact]
    public async Task A_fault_hits_the_named_operation_on_the_named_key_and_not_the_challenge_before_it()
    {
        await using var world = await AzureWorld.StartAsync();
        world.Service.Keys.Create("orders");
        world.Service.Keys.Create("other");
        world.Faults.Add(new FaultRule { Operation = "GetKey", Key = "orders", Code = "Throttled", Message = "Too many", Status = 429, Times = 1 });
        using var challenged = await world.Http.GetAsync($"{world.Address.VaultUrl}/keys/orders?api-version=7.4");
        Assert.Equal(HttpStatusCode.Unauthorized, challenged.StatusCode);

        Assert.Equal(HttpStatusCode.OK, (await world.GetAsync("/keys/other")).Status);
        Assert.Equal((429, "Throttled", null, "Too many"), (await world.GetAsync("/keys/orders")).Error);
        Assert.Equal(HttpStatusCode.OK, (await world.GetAsync("/keys/orders")).Status);
    }

    [Theory]
    [InlineData("Before", false)]
    [InlineData("After", true)]
    public async Task A_reset_breaks_the_connection_before_or_after_the_effect(string reset, bool hasEffect)
    {
        await using var world = await AzureWorld.StartAsync();
        world.Faults.Add(new FaultRule { Operation = "CreateKey", Reset = Enum.Parse<ConnectionReset>(reset) });

        await Assert.ThrowsAsync<HttpRequestException>(() => world.PostAsync("/keys/orders/create", new { kty = "EC" }));

        Assert.Equal(hasEffect ? HttpStatusCode.OK : HttpStatusCode.NotFound, (await world.GetAsync("/keys/orders")).Status);
    }

    [Fact]
    public async Task An_answer_may_be_no_json_may_end_in_the_middle_and_may_say_when_to_come_again()
    {
        await using var world = await AzureWorld.StartAsync();
        world.Service.Keys.Create("orders");
        var (token, url) = (await world.AccessTokenAsync(), $"{world.Address.VaultUrl}/keys/orders?api-version=7.4");
        world.Http.DefaultRequestHeaders.Authorization = new("Bearer", token);

        world.Faults.Add(new FaultRule { Operation = "GetKey", Body = "<html>proxy</html>", ContentType = "text/html", Status = 403, Times = 1 });
        using var page = await world.Http.GetAsync(url);
        Assert.Equal((HttpStatusCode.Forbidden, "<html>proxy</html>"), (page.StatusCode, await page.Content.ReadAsStringAsync()));

        world.Faults.Replace([new FaultRule { Operation = "GetKey", HalfSent = true }]);
        await Assert.ThrowsAsync<HttpRequestException>(() => world.Http.GetAsync(url));

        world.Faults.Replace([new FaultRule { Operation = "GetKey", Code = "Throttled", Status = 429, RetryAfterSeconds = 7 }]);
        using var throttled = await world.Http.GetAsync(url);
        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(7)), (throttled.StatusCode, throttled.Headers.RetryAfter!.Delta));
        Assert.Equal(["raw body", "half sent", "Throttled"], world.Requests.All().Where(r => r.Operation == "GetKey").Select(r => r.Outcome).TakeLast(3));
    }

    [Theory]
    [InlineData("UntrustedCertificate")]
    [InlineData("BrokenHandshake")]
    public async Task A_failure_of_tls_meets_the_next_request_of_a_client_that_is_connected(string failure)
    {
        await using var world = await AzureWorld.StartAsync();
        var token = await world.AccessTokenAsync();

        world.Service.TlsFailure = Enum.Parse<TlsFailure>(failure);

        var failed = await Assert.ThrowsAsync<HttpRequestException>(() => world.GetAsync("/keys", token));
        Assert.Equal(HttpRequestError.SecureConnectionError, failed.HttpRequestError);
        if (failure == "UntrustedCertificate")
            Assert.IsType<AuthenticationException>(failed.InnerException);
        world.Service.TlsFailure = TlsFailure.None;
        Assert.Equal(HttpStatusCode.OK, (await world.GetAsync("/keys", token)).Status);
    }

    [Fact]
    public async Task A_service_that_refuses_is_not_listening_and_comes_back_on_its_port()
    {
        await using var world = await AzureWorld.StartAsync();
        var port = world.Service.Port;

        await world.Service.RefuseAsync(true, TestContext.Current.CancellationToken);
        Assert.True(world.Service.Refuses);
        Assert.Equal(HttpRequestError.ConnectionError, (await Assert.ThrowsAsync<HttpRequestException>(() => world.TokenAsync())).HttpRequestError);

        await world.Service.RefuseAsync(false, TestContext.Current.CancellationToken);
        Assert.Equal((port, HttpStatusCode.OK), (world.Service.Port, (await world.TokenAsync()).Status));
    }

    [Fact]
    public async Task The_certificate_names_this_machine_and_is_renewed_before_it_ends()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var world = await AzureWorld.StartAsync(time);
        var first = await CertificateAsync(world);

        Assert.True(first.MatchesHostname("localhost"));
        Assert.True(first.MatchesHostname("orders.vault.localhost"));
        Assert.True(first.MatchesHostname("127.0.0.1"));
        time.Advance(TimeSpan.FromDays(61));
        var second = await CertificateAsync(world);
        Assert.NotEqual(first.SerialNumber, second.SerialNumber);
        Assert.Equal(first.Issuer, second.Issuer);
        Assert.Equal(second.SerialNumber, (await CertificateAsync(world)).SerialNumber);
    }

    [Fact]
    public async Task Half_an_authority_is_not_replaced()
    {
        await using var world = await AzureWorld.StartAsync();
        var key = Path.Combine(world.Folder, LocalCa.KeyFile);
        var saved = await File.ReadAllTextAsync(key);
        File.Delete(key);

        var refused = Assert.Throws<InvalidOperationException>(() => LocalCa.LoadOrCreate(new Ear.Local.Kms.Data.KmsFolder(world.Folder), TimeProvider.System));
        Assert.Contains("one is missing. Restore it", refused.Message);
        Assert.NotEmpty(saved);
    }

    [Fact]
    public async Task Every_file_is_the_owners_alone_and_no_key_lies_open()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Unix file modes.");
            return;
        }
        await using var world = await AzureWorld.StartAsync();
        using var rsa = RSA.Create(2048);
        world.Service.Keys.Import("orders", KeyMaterial.Import("RSA", rsa.ExportParameters(includePrivateParameters: true)), new KeyChange());

        Assert.Contains(LocalCa.KeyFile, Directory.GetFiles(world.Folder).Select(Path.GetFileName));
        foreach (var file in Directory.GetFiles(world.Folder))
        {
            // SQLite's own, made as the database is: they are in a folder that is the owner's alone.
            if (!Path.GetFileName(file).StartsWith("kms.db-", StringComparison.Ordinal))
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var content = new MemoryStream();
            await stream.CopyToAsync(content);
            var text = System.Text.Encoding.Latin1.GetString(content.ToArray());
            Assert.DoesNotContain(Convert.ToBase64String(rsa.ExportPkcs8PrivateKey())[100..200], text);
            Assert.Equal(Path.GetFileName(file) == "azure-credentials.json", text.Contains(world.Address.ClientSecret));
        }
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(world.Folder));
    }

    [Fact]
    public async Task The_request_log_tells_who_asked_what_and_how_it_ended_and_no_secret()
    {
        await using var world = await AzureWorld.StartAsync();
        var token = await world.AccessTokenAsync();
        world.Service.Keys.Create("orders");
        var wrapped = await world.PostAsync("/keys/orders/wrapkey", new { alg = "RSA-OAEP-256", value = "c2VjcmV0" }, token);
        world.Service.Keys.Update("orders", null, new KeyChange { Enabled = false });
        var refused = await world.PostAsync($"/keys/orders/{wrapped.Version}/unwrapkey", new { alg = "RSA-OAEP-256", value = wrapped.Value }, token);

        var entries = world.Requests.All();
        Assert.Equal(["Token ok", "WrapKey ok", "UnwrapKey KeyDisabled"], entries.Select(e => $"{e.Operation} {e.Outcome}"));
        Assert.Equal(("keyvault", "orders", world.Address.ClientId), (entries[2].Service, entries[2].Key, entries[2].Caller));
        Assert.Equal(Assert.Single(refused.Headers.GetValues("x-ms-request-id")), entries[2].RequestId);
        var text = System.Text.Json.JsonSerializer.Serialize(entries);
        foreach (var secret in (string[])[token, world.Address.ClientSecret, "c2VjcmV0", wrapped.Value!])
            Assert.DoesNotContain(secret, text);
    }

    private static async Task<X509Certificate2> CertificateAsync(AzureWorld world)
    {
        X509Certificate2? seen = null;
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
        {
            // Looked at, not trusted: a certificate of a day to come is not valid yet.
            seen = X509CertificateLoader.LoadCertificate(certificate!.GetRawCertData());
            return seen.Issuer.Contains("CN=Ear local KMS", StringComparison.Ordinal);
        };
        using var http = new HttpClient(handler);
        using var answer = await http.GetAsync($"{world.Address.Authority}/discovery/v2.0/keys");
        return seen!;
    }
}
