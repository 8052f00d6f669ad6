using Ear.Functions.Azure;
using Ear.Functions.Settings;
using Ear.Functions.Telemetry;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;

namespace Ear.Functions;

/// <summary>What Program.cs runs in Azure, and what the tests of its start build.</summary>
public static class EarWorker
{
    /// <exception cref="FaultySettingsException">Some setting is missing or wrong; it names every one.</exception>
    /// <exception cref="InvalidOperationException">A port has no implementation; the text names it.</exception>
    public static IHost BuildEar(this FunctionsApplicationBuilder app)
    {
        app.AddEar().AddEarInAzure();
        app.Services.AddEarTelemetry(app.Configuration);
        app.Services.RefuseFaultySettings(app.Configuration);
        return app.Build();
    }
}
