using System.Net.Sockets;
using System.Text;
using Ear.Local.Kms.Control;
using Google.Cloud.Kms.V1;
using Grpc.Core;

namespace Ear.Local.Tests.Kms.Google;

/// <summary>The one port of two protocols, and what can be made to go wrong on it.</summary>
public sealed class PortTests
{
    private static readonly GetKeyRingRequest Look = new() { Name = GoogleWorld.Ring };

    [Fact]
    public async Task Grpc_and_rest_are_served_side_by_side_while_a_client_that_says_nothing_holds_up_nobody()
    {
        await using var world = await GoogleWorld.StartAsync();
        using var silent = await ConnectAsync(world);
        using var slow = await ConnectAsync(world);
        await slow.GetStream().WriteAsync("PRI * HT"u8.ToArray(), TestContext.Current.CancellationToken);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            if (i % 2 == 0)
                await world.Customer.GetKeyRingAsync(Look);
            else
                Assert.Contains(GoogleWorld.Ring, await world.Rest.GetStringAsync($"/v1/{GoogleWorld.Ring}", TestContext.Current.CancellationToken));
        }));

        await slow.GetStream().WriteAsync("TP/1.1\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.StartsWith("HTTP/1.1 405", await ReadAsync(slow));
    }

    [Fact]
    public async Task A_request_that_comes_byte_by_byte_is_still_understood()
    {
        await using var world = await GoogleWorld.StartAsync();
        using var client = await ConnectAsync(world);
        client.NoDelay = true;

        foreach (var b in Encoding.ASCII.GetBytes($"POST /v1/{GoogleWorld.Ring} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
            await client.GetStream().WriteAsync(new[] { b }, TestContext.Current.CancellationToken);

        Assert.StartsWith("HTTP/1.1 404", await ReadAsync(client));
    }

    [Fact]
    public async Task The_port_can_go_away_and_come_back()
    {
        await using var world = await GoogleWorld.StartAsync();
        var port = world.Service.Port;

        await world.Service.RefuseAsync(true, TestContext.Current.CancellationToken);
        Assert.True(world.Service.Refuses);
        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => world.Customer.GetKeyRingAsync(Look).ResponseAsync)).StatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => world.Rest.GetStringAsync($"/v1/{GoogleWorld.Ring}"));

        await world.Service.RefuseAsync(false, TestContext.Current.CancellationToken);
        Assert.Equal(port, world.Service.Port);
        Assert.Contains(GoogleWorld.Ring, await world.Rest.GetStringAsync($"/v1/{GoogleWorld.Ring}", TestContext.Current.CancellationToken));
        await (await world.ClientAsync(world.Service.Address.ServiceAccountKeyFile)).GetKeyRingAsync(Look);
    }

    [Fact]
    public async Task A_fault_is_answered_by_both_doors_and_is_used_up()
    {
        await using var world = await GoogleWorld.StartAsync();
        var key = await world.NewKeyAsync();
        world.Faults.Replace([new FaultRule { Operation = "GetCryptoKey", Key = "cmk", Code = "RESOURCE_EXHAUSTED", Message = "Quota exceeded.", Times = 2 }]);

        await Refused.WithAsync(StatusCode.ResourceExhausted, "Quota exceeded.", () => world.Customer.GetCryptoKeyAsync(new GetCryptoKeyRequest { Name = key }).ResponseAsync);
        using var answer = await world.Rest.GetAsync($"/v1/{key}", TestContext.Current.CancellationToken);
        Assert.Equal(429, (int)answer.StatusCode);
        Assert.Equal(key, (await world.Customer.GetCryptoKeyAsync(new GetCryptoKeyRequest { Name = key })).Name);
        Assert.Equal(["RESOURCE_EXHAUSTED", "RESOURCE_EXHAUSTED", "ok"], world.Log.All().Where(e => e.Operation == "GetCryptoKey").Select(e => e.Outcome));
    }

    [Theory]
    [InlineData(nameof(ConnectionReset.Before), 1)]
    [InlineData(nameof(ConnectionReset.After), 2)]
    public async Task A_broken_connection_is_an_outage_for_the_client_and_the_work_is_done_or_not(string reset, int versions)
    {
        await using var world = await GoogleWorld.StartAsync();
        var key = await world.NewKeyAsync();
        world.Faults.Add(new FaultRule { Operation = "CreateCryptoKeyVersion", Reset = Enum.Parse<ConnectionReset>(reset), Times = 1 });

        var broken = await Assert.ThrowsAsync<RpcException>(() => world.Customer.CreateCryptoKeyVersionAsync(new CreateCryptoKeyVersionRequest { Parent = key }).ResponseAsync);
        Assert.Contains(broken.StatusCode, (StatusCode[])[StatusCode.Unavailable, StatusCode.Internal]);
        Assert.Equal(versions, (await world.Customer.ListCryptoKeyVersionsAsync(new ListCryptoKeyVersionsRequest { Parent = key })).TotalSize);
    }

    [Fact]
    public async Task The_token_endpoint_has_faults_of_its_own()
    {
        await using var world = await GoogleWorld.StartAsync();
        world.Faults.Add(new FaultRule { Operation = "Token", Code = "internal_failure", Status = 503, Times = 1 });
        using var form = new FormUrlEncodedContent([new("grant_type", "x")]);

        using var failed = await world.Rest.PostAsync("/token", form, TestContext.Current.CancellationToken);
        Assert.Equal(503, (int)failed.StatusCode);
        using var refused = await world.Rest.PostAsync("/token", form, TestContext.Current.CancellationToken);
        Assert.Equal("unsupported_grant_type", (await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Json().GetProperty("error").GetString());
    }

    [Fact]
    public async Task A_method_that_is_not_served_says_so()
    {
        await using var world = await GoogleWorld.StartAsync();
        var marshaller = Marshallers.Create<string>(_ => [], _ => "");
        var method = new Method<string, string>(MethodType.Unary, "google.cloud.kms.v1.KeyManagementService", "RawEncrypt", marshaller, marshaller);

        var refused = await Assert.ThrowsAsync<RpcException>(() => world.Invoker("x").AsyncUnaryCall(method, null, default, "").ResponseAsync);
        Assert.Equal(StatusCode.Unimplemented, refused.StatusCode);
    }

    private static async Task<TcpClient> ConnectAsync(GoogleWorld world)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", world.Service.Port, TestContext.Current.CancellationToken);
        return client;
    }

    private static async Task<string> ReadAsync(TcpClient client)
    {
        var buffer = new byte[64];
        var read = await client.GetStream().ReadAtLeastAsync(buffer, 12, throwOnEndOfStream: false, TestContext.Current.CancellationToken);
        return Encoding.ASCII.GetString(buffer, 0, read);
    }
}
