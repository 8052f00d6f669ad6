using System.Runtime.InteropServices;
using Ear.Agent.ControlPlane;
using Ear.Agent.Node;
using Ear.Agent.Processes;
using Ear.Agent.Settings;
using Ear.Telemetry;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

var (settings, faults) = AgentSettings.Read(args, Environment.GetEnvironmentVariable("EAR_MONGOD"));
if (settings is null)
{
    foreach (var fault in faults)
    {
        await Console.Error.WriteLineAsync(fault);
    }

    return 2;
}

using var stop = new CancellationTokenSource();
void OnSignal(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}

using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
const string LogMoment = "yyyy-MM-ddTHH:mm:ss.fffZ ";
var asJson = Environment.GetEnvironmentVariable("EAR_LOG") == "json";
using var logs = LoggerFactory.Create(logging => (asJson
    ? logging.AddJsonConsole(console => (console.UseUtcTimestamp, console.TimestampFormat, console.IncludeScopes) = (true, LogMoment.TrimEnd(), true))
    : logging.AddSimpleConsole(console => (console.SingleLine, console.UseUtcTimestamp, console.TimestampFormat) = (true, true, LogMoment)))
    .Configure(options => options.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId));
// As in the control plane: spans are collected where the standard's own setting says where to send them.
using var traces = string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT"))
    ? null
    : Sdk.CreateTracerProviderBuilder().ConfigureResource(r => r.AddService(Environment.GetEnvironmentVariable("OTEL_SERVICE_NAME") ?? "ear-agent")).AddSource(EarTraces.Name).AddOtlpExporter().Build();
try
{
    await new NodeAgent(settings, TimeProvider.System, logs).RunAsync(stop.Token);
    return 0;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 0;
}
catch (Exception exception) when (exception is FatalException or ProcessStartException or InvalidDataException)
{
    await Console.Error.WriteLineAsync(exception.Message);
    // What starts agents (agent/install/ear-agent.service) knows these numbers: 1 may mend itself, 2 and 3 do not.
    return exception is RemovedException ? 3 : 1;
}
