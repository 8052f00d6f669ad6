using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Ear.Local.Host;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Ear.Local.Tests.Host;

public sealed class HttpTests
{
    private static Task<HostUnderTest> StartAsync(Action<Microsoft.Azure.Functions.Worker.Builder.FunctionsApplicationBuilder>? more = null) =>
        HostUnderTest.StartAsync([typeof(HttpFunctions)], configure: app =>
        {
            app.Services.AddScoped<PerInvocation>();
            more?.Invoke(app);
        });

    [Fact]
    public async Task A_function_is_served_below_the_route_prefix_and_its_result_is_written_as_camel_case_json()
    {
        await using var host = await StartAsync();

        var response = await host.Client.GetAsync("/api/greet/Ada?please", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("""{"greeting":"Hello Ada","polite":true,"none":null}""", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("GET", "/greet/Ada")]
    [InlineData("GET", "/api/nothing")]
    [InlineData("DELETE", "/api/things")]
    [InlineData("HEAD", "/api/greet/Ada")]
    public async Task An_unknown_route_and_a_method_that_no_function_serves_are_both_404_as_on_Azure(string method, string path)
    {
        await using var host = await StartAsync();

        var response = await host.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Functions_share_a_route_when_their_methods_differ()
    {
        await using var host = await StartAsync();

        var listed = await host.Client.GetStringAsync("/api/things", TestContext.Current.CancellationToken);
        var created = await host.Client.PostAsync("/api/things", new StringContent("""{"a":1}""", Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);

        Assert.Equal("""["GET"]""", listed);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("/things/1", created.Headers.Location?.OriginalString);
    }

    /// <summary>As on Azure, and not as ASP.NET Core would have it.</summary>
    [Theory]
    [InlineData("GET", "order/7", "ByAnyId")]
    [InlineData("GET", "order/all", "ByAnyId")]
    [InlineData("PUT", "order/all", "ListAgain")]
    [InlineData("PATCH", "order/all", "Whatever")]
    [InlineData("GET", "order/7/parts", "byPart")]
    [InlineData("GET", "order/long/parts", "Whatever")]
    [InlineData("GET", "order", "Whatever")]
    public async Task Of_routes_that_fit_path_and_method_that_of_the_first_name_wins_whatever_its_case(string method, string path, string function)
    {
        await using var host = await HostUnderTest.StartAsync([typeof(OverlappingFunctions)]);

        var response = await host.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), $"/api/{path}"), TestContext.Current.CancellationToken);

        Assert.Equal(function, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task No_route_of_a_function_hides_the_host_s_own_paths()
    {
        await using var host = await HostUnderTest.StartAsync([typeof(Everything)], options: o => new FunctionsHostOptions { DataFolder = o.DataFolder, HostJson = new HostJson { RoutePrefix = "" } });

        Assert.Equal("all", await host.Client.GetStringAsync("/anything", TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.Client.PostAsync("/admin/functions/A", null, TestContext.Current.CancellationToken)).StatusCode);
    }

    public sealed class OverlappingFunctions
    {
        [Function("ListAgain")]
        public static IActionResult ListAgain([HttpTrigger(AuthorizationLevel.Anonymous, "get", "put", Route = "order/all")] HttpRequest request) => Name(request, "ListAgain");

        [Function("ByAnyId")]
        public static IActionResult ById([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "order/{id}")] HttpRequest request, string id) => Name(request, id.Length > 0 ? "ByAnyId" : "");

        [Function("byPart")]
        public static IActionResult ByPart([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "order/{id:maxlength(3)}/parts")] HttpRequest request) => Name(request, "byPart");

        [Function("Whatever")]
        public static IActionResult Whatever([HttpTrigger(AuthorizationLevel.Anonymous, "get", "put", "patch", Route = "order/{*rest}")] HttpRequest request) => Name(request, "Whatever");

        [Function("WhateverElse")]
        public static IActionResult Else([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "order/long/parts")] HttpRequest request) => Name(request, "WhateverElse");

        private static ContentResult Name(HttpRequest request, string name) => new() { Content = request.Method.Length > 0 ? name : "" };
    }

    public sealed class Everything
    {
        [Function("A")]
        public static IActionResult All([HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", Route = "{*path}")] HttpRequest request) => new ContentResult { Content = request.Method == "GET" ? "all" : "" };
    }

    [Fact]
    public async Task Route_values_arrive_as_the_parameter_types_say()
    {
        await using var host = await StartAsync();
        var id = Guid.NewGuid();

        Assert.Equal($"7 {id:N} green - GET", await host.Client.GetStringAsync($"/api/typed/7/{id}/green", TestContext.Current.CancellationToken));
        Assert.Equal($"7 {id:N} red more GET", await host.Client.GetStringAsync($"/api/typed/7/{id}/red/more", TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("/api/typed/seven/6f9619ff-8b86-d011-b42d-00cf4fc964ff/red")]
    [InlineData("/api/typed/7/not-a-guid/red")]
    [InlineData("/api/typed/7/6f9619ff-8b86-d011-b42d-00cf4fc964ff/mauve")]
    public async Task A_route_value_of_the_wrong_type_is_400(string path)
    {
        await using var host = await StartAsync();

        Assert.Equal(HttpStatusCode.BadRequest, (await host.Client.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Theory]
    [InlineData("Guarded", "none", 401)]
    [InlineData("Guarded", "wrong", 401)]
    [InlineData("Guarded", "function", 200)]
    [InlineData("Guarded", "master", 200)]
    [InlineData("AdminOnly", "function", 401)]
    [InlineData("AdminOnly", "master", 200)]
    public async Task A_function_that_asks_for_a_key_is_only_run_for_one_that_is_good_enough(string function, string key, int status)
    {
        var folder = HostUnderTest.NewFolder();
        await using (var host = await HostUnderTest.StartAsync([typeof(HttpFunctions)], folder, configure: app => app.Services.AddScoped<PerInvocation>()))
        {
            using var keys = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, "host-keys.json"), TestContext.Current.CancellationToken));
            string? shown = key switch
            {
                "none" => null,
                "wrong" => "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                _ => keys.RootElement.GetProperty(key).GetString(),
            };
            Assert.Equal(host.Host.MasterKey, keys.RootElement.GetProperty("master").GetString());

            using var inHeader = new HttpRequestMessage(HttpMethod.Get, $"/api/{function}");
            if (shown is not null)
                inHeader.Headers.Add("x-functions-key", shown);

            Assert.Equal(status, (int)(await host.Client.SendAsync(inHeader, TestContext.Current.CancellationToken)).StatusCode);
            Assert.Equal(status, (int)(await host.Client.GetAsync($"/api/{function}?code={shown}", TestContext.Current.CancellationToken)).StatusCode);
        }

        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "host-keys.json")));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Each_invocation_has_a_scope_and_a_context_of_its_own_and_middleware_runs_around_it()
    {
        await using var host = await StartAsync(app => app.UseMiddleware(async (context, next) =>
        {
            context.Items["middleware"] = context.FunctionDefinition.Name;
            await next();
            if (context.GetInvocationResult().Value is OkObjectResult { Value: not null } ok)
                ok.StatusCode = 203;
        }));

        var response = await host.Client.GetAsync("/api/Scope", TestContext.Current.CancellationToken);
        var first = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        var second = await host.Client.GetFromJsonAsync<JsonElement>("/api/scope", TestContext.Current.CancellationToken);

        Assert.Equal(203, (int)response.StatusCode);
        Assert.True(first.GetProperty("sameScope").GetBoolean());
        Assert.True(first.GetProperty("sameRequest").GetBoolean());
        Assert.True(first.GetProperty("parsedId").GetBoolean());
        Assert.Equal("Scope", first.GetProperty("middleware").GetString());
        Assert.Equal("Ear.Local.Tests.Host.HttpFunctions.Scope", first.GetProperty("entryPoint").GetString());
        Assert.NotEqual(first.GetProperty("number").GetInt32(), second.GetProperty("number").GetInt32());
        Assert.Equal(2, host.Seen.Count("disposed"));
    }

    [Fact]
    public async Task Middleware_runs_in_the_order_in_which_it_was_added_and_may_answer_itself()
    {
        await using var host = await StartAsync(app =>
        {
            app.Use(next => async context =>
            {
                host_Note(context, "outer");
                await next(context);
            });
            app.UseMiddleware<Refusing>();
            app.UseWhen(context => context.FunctionDefinition.Name == "Greet", (context, next) =>
            {
                host_Note(context, "greet only");
                return next();
            });
        });

        var refused = await host.Client.GetAsync("/api/greet/nobody", TestContext.Current.CancellationToken);
        var greeted = await host.Client.GetAsync("/api/greet/Ada", TestContext.Current.CancellationToken);
        await host.Client.GetAsync("/api/things", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, greeted.StatusCode);
        Assert.Equal(["outer", "outer", "greet only", "outer"], host.Seen.Notes.Where(n => n != "disposed"));

        static void host_Note(FunctionContext context, string note) => context.InstanceServices.GetRequiredService<Seen>().Note(note);
    }

    [Fact]
    public async Task A_function_that_throws_is_a_500_that_says_nothing()
    {
        await using var host = await StartAsync();

        var response = await host.Client.GetAsync("/api/Broken", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_function_may_write_its_response_itself()
    {
        await using var host = await StartAsync();

        var response = await host.Client.GetAsync("/api/Direct", TestContext.Current.CancellationToken);

        Assert.Equal(418, (int)response.StatusCode);
        Assert.Equal("short and stout", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_stop_tells_a_running_function_and_waits_for_it()
    {
        await using var host = await StartAsync();
        var answer = host.Client.GetAsync("/api/Slow", TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => host.Seen.Count("slow began") == 1);

        var stop = host.Host.StopAsync(TestContext.Current.CancellationToken);
        host.Seen.Gate.SetResult();
        await stop;

        Assert.Equal(HttpStatusCode.OK, (await answer).StatusCode);
        Assert.Equal(1, host.Seen.Count("slow was told to stop"));
    }

    private sealed class Refusing : IFunctionsWorkerMiddleware
    {
        public Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
        {
            if (!(context.GetHttpContext()?.Request.Path.Value?.EndsWith("nobody", StringComparison.Ordinal) ?? false))
                return next(context);
            context.GetInvocationResult().Value = new StatusCodeResult(403);
            return Task.CompletedTask;
        }
    }
}
