using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Ear.Alerts;
using Ear.Functions.Alerts;
using Ear.Local.DeadLetters;
using Ear.Local.ServiceBus;
using Ear.Local.Tests.Host;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Local.Tests.DeadLetters;

public sealed class DeadLettersCommandTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("ear-dead-letters-").FullName;
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string HostFolder => Directory.CreateDirectory(Path.Combine(_data, "host")).FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_list_says_which_event_died_and_why_while_the_broker_runs_and_after_it(bool running)
    {
        var broker = new Broker($"{Guid.NewGuid():N}.servicebus.localhost", new BrokerOptions());
        await DieAsync(broker, new ServiceBusMessage("secret body") { MessageId = "e1", SessionId = "p1", Subject = "AWS_ENCRYPTION_KEY_INVALID", ApplicationProperties = { ["replays"] = 2 } });
        if (!running)
            await broker.DisposeAsync();

        Assert.Equal(0, await DeadLettersCommand.ListAsync(_data, EventsTopic.MailName, json: true, _output, _errors));
        await broker.DisposeAsync();

        Assert.DoesNotContain("secret body", $"{_output}", StringComparison.Ordinal);
        var dead = JsonSerializer.Deserialize<JsonElement>($"{_output}");
        Assert.Equal(
            ("mail", "e1", "p1", "AWS_ENCRYPTION_KEY_INVALID", "Tried", "away"),
            (Text("subscription"), Text("eventId"), Text("projectId"), Text("type"), Text("reason"), Text("why")));
        Assert.Equal(2, dead.GetProperty("replays").GetInt32());

        string? Text(string name) => dead.GetProperty(name).GetString();
    }

    [Fact]
    public async Task Replay_asks_the_running_host_with_the_key_of_its_folder()
    {
        await using var host = await HostUnderTest.StartAsync([typeof(Replayer)], HostFolder);

        Assert.Equal(0, await DeadLettersCommand.ReplayAsync(_data, host.Host.BaseAddress, null, new SystemIds(TimeProvider.System), _output, _errors, Cancellation));

        await Eventually.HoldsAsync(() => host.Seen.Count("replayed mail") == 1 && host.Seen.Count("replayed webhook") == 1);
    }

    [Fact]
    public async Task Replay_of_one_subscription_leaves_the_others()
    {
        await using var host = await HostUnderTest.StartAsync([typeof(Replayer)], HostFolder);

        Assert.Equal(0, await DeadLettersCommand.ReplayAsync(_data, host.Host.BaseAddress, EventsTopic.WebhookName, new SystemIds(TimeProvider.System), _output, _errors, Cancellation));

        await Eventually.HoldsAsync(() => host.Seen.Count("replayed webhook") == 1);
        Assert.Equal(0, host.Seen.Count("replayed mail"));
    }

    [Fact]
    public async Task A_host_of_another_folder_refuses_and_the_answer_says_what_to_look_at()
    {
        await using var other = await HostUnderTest.StartAsync([typeof(Replayer)]);
        _ = HostFolder;

        Assert.Equal(1, await DeadLettersCommand.ReplayAsync(_data, other.Host.BaseAddress, null, new SystemIds(TimeProvider.System), _output, _errors, Cancellation));

        Assert.Contains("answered 401", $"{_errors}", StringComparison.Ordinal);
        Assert.Empty(other.Seen.Notes);
    }

    [Fact]
    public async Task The_master_key_goes_to_no_other_machine()
    {
        _ = HostFolder;

        Assert.Equal(1, await DeadLettersCommand.ReplayAsync(_data, new Uri("http://192.0.2.1:7071"), null, new SystemIds(TimeProvider.System), _output, _errors, Cancellation));

        Assert.Contains("not on this machine", $"{_errors}", StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(HostFolder));
    }

    [Fact]
    public async Task A_folder_without_an_Ear_is_said_to_be_none()
    {
        Assert.Equal(1, await DeadLettersCommand.ListAsync(_data, null, json: false, _output, _errors));
        Assert.Equal(1, await DeadLettersCommand.ReplayAsync(_data, new Uri("http://127.0.0.1:1"), null, new SystemIds(TimeProvider.System), _output, _errors, Cancellation));

        Assert.Equal(2, $"{_errors}".Split("--data").Length - 1);
    }

    private async Task DieAsync(Broker broker, ServiceBusMessage message)
    {
        ServiceBusNamespaces.Register(broker.FullyQualifiedNamespace, broker);
        broker.Open(Path.Combine(HostFolder, "servicebus.db"), TimeProvider.System, new SystemIds(TimeProvider.System), new BrokerEntities([], [], [(EventsTopic.Name, EventsTopic.MailName)]));
        await using var client = new ServiceBusClient($"Endpoint=sb://{broker.FullyQualifiedNamespace}");
        await client.CreateSender(EventsTopic.Name).SendMessageAsync(message, Cancellation);
        var receiver = client.CreateReceiver(EventsTopic.Name, EventsTopic.MailName);
        await receiver.DeadLetterMessageAsync(await receiver.ReceiveMessageAsync(null, Cancellation), "Tried", "away", Cancellation);
    }
}

public sealed class Replayer(Seen seen)
{
    [Function(ReplayDeadLetters.OfMailName)]
    public void OfMail([TimerTrigger("0 37 * * * *")] TimerInfo timer) => seen.Note("replayed mail");

    [Function(ReplayDeadLetters.OfWebhookName)]
    public void OfWebhook([TimerTrigger("0 47 * * * *")] TimerInfo timer) => seen.Note("replayed webhook");
}
