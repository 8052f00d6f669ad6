using Ear.Local.Host;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Local.Tests.Host;

public sealed class FaultTests
{
    [Fact]
    public void Everything_that_is_wrong_with_an_apps_functions_is_said_at_once()
    {
        var folder = HostUnderTest.NewFolder();

        var refusal = Assert.Throws<InvalidFunctionsException>(() => HostUnderTest.Build([typeof(Wrong), typeof(AlsoWrong)], folder));

        string[] expected =
        [
            "NoTrigger", "it has 0 triggers",
            "TwoTriggers", "it has 2 triggers",
            "Twice is used 2 times",
            "SameRouteB serve the same method of the same route api/same/{b}",
            "nothing can give a value to parameter service of type IFormatProvider",
            "nothing can give a value to parameter elsewhere of type Int32",
            "it returns String; an HTTP function returns IActionResult",
            "schedule 'every day' is not a six-field NCRONTAB expression",
            "schedule %NoSuchSetting% names a setting that has no value",
            "async void cannot be awaited",
            "method and class must be public",
            "route api/{bad is not valid",
            "authorization level User is not served here",
            "Function 9lives (Ear.Local.Tests.Host.FaultTests+Wrong.Name): the name must be a letter",
            "ListenA and ListenB listen to the same topic/Subscriptions/sub",
        ];
        Assert.All(expected, sentence => Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Options_out_of_bounds_are_all_named()
    {
        var refusal = Assert.Throws<InvalidFunctionsException>(() => HostUnderTest.Build([], " ", options: _ => new FunctionsHostOptions
        {
            DataFolder = " ",
            StopTimeout = TimeSpan.FromHours(1),
            HostJson = new HostJson { MaxConcurrentCalls = 0, MaxConcurrentSessions = 0, SessionIdleTimeout = TimeSpan.Zero },
            ServiceBus = new() { MaxDeliveryCount = 0, LockDuration = TimeSpan.Zero },
        }));

        Assert.Equal(7, refusal.Faults.Count);
    }

    [Fact]
    public void A_host_json_is_read_and_one_that_is_none_is_refused()
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, """{"extensions":{"http":{"routePrefix":"v1"},"serviceBus":{"maxConcurrentCalls":3,"maxConcurrentSessions":5,"sessionIdleTimeout":"00:00:07","autoCompleteMessages":false}}}""");
        Assert.Equal(
            new HostJson { RoutePrefix = "v1", MaxConcurrentCalls = 3, MaxConcurrentSessions = 5, SessionIdleTimeout = TimeSpan.FromSeconds(7), AutoCompleteMessages = false },
            HostJson.Load(path));

        foreach (var wrong in (string[])["\"maxConcurrentCalls\":\"many\"", "\"sessionIdleTimeout\":\"soon\"", "\"sessionIdleTimeout\":2"])
        {
            File.WriteAllText(path, """{"extensions":{"serviceBus":{""" + wrong + "}}}");
            Assert.Contains(path, Assert.Throws<InvalidFunctionsException>(() => HostJson.Load(path)).Message, StringComparison.Ordinal);
        }

        File.Delete(path);
    }

    public sealed class Wrong
    {
        [Function("NoTrigger")]
        public static void NoTrigger(FunctionContext context) => Assert.NotNull(context);

        [Function("TwoTriggers")]
        public static void TwoTriggers([TimerTrigger("0 * * * * *")] TimerInfo timer, [HttpTrigger] HttpRequest request) => Assert.NotSame(timer, request);

        [Function("Twice")]
        public static void Twice([TimerTrigger("0 * * * * *")] TimerInfo timer) => Assert.NotNull(timer);

        [Function("SameRouteA")]
        public static void SameRouteA([HttpTrigger("get", "post", Route = "same/{a}")] HttpRequest request) => Assert.NotNull(request);

        [Function("SameRouteB")]
        public static void SameRouteB([HttpTrigger("get", Route = "same/{b}")] HttpRequest request) => Assert.NotNull(request);

        [Function("Unknown")]
        public static void Unknown([HttpTrigger] HttpRequest request, IFormatProvider service, int elsewhere) => Assert.NotNull(request.Path + service + elsewhere);

        [Function("Text")]
        public static string Text([HttpTrigger] HttpRequest request) => request.Method;

        [Function("Daily")]
        public static void Daily([TimerTrigger("every day")] TimerInfo timer) => Assert.NotNull(timer);

        [Function("Unset")]
        public static void Unset([TimerTrigger("%NoSuchSetting%")] TimerInfo timer) => Assert.NotNull(timer);

        [Function("Void")]
        public static async void Void([TimerTrigger("0 * * * * *")] TimerInfo timer) => await Task.FromResult(timer);

        [Function("Hidden")]
        internal static void Hidden([TimerTrigger("0 * * * * *")] TimerInfo timer) => Assert.NotNull(timer);

        [Function("BadRoute")]
        public static IActionResult BadRoute([HttpTrigger(Route = "{bad")] HttpRequest request) => new OkObjectResult(request.Method);

        [Function("UserLevel")]
        public static IActionResult UserLevel([HttpTrigger(AuthorizationLevel.User)] HttpRequest request) => new OkObjectResult(request.Method);

        [Function("9lives")]
        public static void Name([TimerTrigger("0 * * * * *")] TimerInfo timer) => Assert.NotNull(timer);

        [Function("ListenA")]
        public static void ListenA([ServiceBusTrigger("topic", "sub")] Azure.Messaging.ServiceBus.ServiceBusReceivedMessage message) => Assert.NotNull(message);

        [Function("ListenB")]
        public static void ListenB([ServiceBusTrigger("Topic", "sub")] Azure.Messaging.ServiceBus.ServiceBusReceivedMessage message) => Assert.NotNull(message);
    }

    public sealed class AlsoWrong
    {
        [Function("twice")]
        public static void Twice([TimerTrigger("0 * * * * *")] TimerInfo timer) => Assert.NotNull(timer);
    }
}
