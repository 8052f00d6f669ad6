using Ear.Functions.Durable;
using Ear.Functions.Tests.Http.World;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Ear.Functions.Tests.Worker;

public sealed class InvocationTaskHubTests
{
    [Fact]
    public async Task A_function_that_asks_for_the_client_by_a_parameter_has_it_wherever_it_calls()
        => Assert.Equal("the same", await AskAsync("with"));

    [Fact]
    public async Task A_function_that_does_not_has_none_and_is_told_how()
        => Assert.Contains("[DurableClient] DurableTaskClient", await AskAsync("without"), StringComparison.Ordinal);

    private static async Task<string> AskAsync(string function)
    {
        await using var doors = await Doors.OpenAsync(more: [typeof(HubSamples)], engine: true);
        using var client = new HttpClient { BaseAddress = doors.Url };
        // The other one first: what it was given must not be left for the next.
        await client.GetStringAsync("/api/hub/with", TestContext.Current.CancellationToken);
        return await client.GetStringAsync($"/api/hub/{function}", TestContext.Current.CancellationToken);
    }

    public sealed class HubSamples(ITaskHub hub)
    {
        [Function("hubWith")]
        public async Task<IActionResult> With([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "hub/with")] HttpRequest request, [DurableClient] DurableTaskClient client)
        {
            await Task.Yield();
            return new ContentResult { Content = ReferenceEquals(hub.Client, client) ? "the same" : "another" };
        }

        [Function("hubWithout")]
        public IActionResult Without([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "hub/without")] HttpRequest request)
            => new ContentResult { Content = Assert.Throws<InvalidOperationException>(() => hub.Client).Message };
    }
}
