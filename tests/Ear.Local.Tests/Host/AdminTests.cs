using System.Net;
using System.Text;
using Ear.Local.Host;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Ear.Local.Tests.Host;

public sealed class AdminTests
{
    private static Task<HostUnderTest> StartAsync(Action<Microsoft.Azure.Functions.Worker.Builder.FunctionsApplicationBuilder>? more = null) =>
        HostUnderTest.StartAsync([typeof(SlowTimer), typeof(HttpFunctions)], configure: app =>
        {
            app.Services.AddScoped<PerInvocation>();
            more?.Invoke(app);
        });

    [Fact]
    public async Task Without_the_master_key_nothing_is_run()
    {
        await using var host = await StartAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, (await host.Client.PostAsync("/admin/functions/SlowSweep", null, TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.RunNowAsync("SlowSweep", key: "guess")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.RunNowAsync("NoSuchFunction", key: "guess")).StatusCode);
        Assert.Empty(host.Seen.Notes);
    }

    [Fact]
    public async Task An_unknown_function_is_404_and_an_http_function_is_refused_with_a_reason()
    {
        await using var host = await StartAsync();

        Assert.Equal(HttpStatusCode.NotFound, (await host.RunNowAsync("NoSuchFunction")).StatusCode);
        var refused = await host.RunNowAsync("Greet");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("call its route", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("""{"input":5}""")]
    public async Task A_body_of_another_form_is_400(string body)
    {
        await using var host = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/admin/functions/SlowSweep") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("x-functions-key", host.Host.MasterKey);

        Assert.Equal(HttpStatusCode.BadRequest, (await host.Client.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode);
        Assert.Empty(host.Seen.Notes);
    }

    [Fact]
    public async Task Ready_means_started_and_every_check_of_the_app_holds()
    {
        var well = true;
        await using var host = await StartAsync(app => app.Services.AddHealthChecks()
            .AddCheck("store", () => well ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("gone")));

        Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync("/healthz/ready", TestContext.Current.CancellationToken)).StatusCode);
        well = false;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await host.Client.GetAsync("/healthz/ready", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync("/healthz/live", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task The_keys_outlive_a_restart_and_a_damaged_file_is_refused_without_quoting_it()
    {
        var folder = HostUnderTest.NewFolder();
        string first;
        await using (var host = await HostUnderTest.StartAsync([typeof(SlowTimer)], folder))
            first = host.Host.MasterKey;
        await using (var again = await HostUnderTest.StartAsync([typeof(SlowTimer)], folder))
            Assert.Equal(first, again.Host.MasterKey);

        await File.WriteAllTextAsync(Path.Combine(folder, "host-keys.json"), """{"master":"short-text","function":""}""", TestContext.Current.CancellationToken);
        var refusal = Assert.Throws<InvalidFunctionsException>(() => HostUnderTest.Build([typeof(SlowTimer)], folder));
        Assert.Contains("host-keys.json", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("short-text", refusal.Message, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }
}
