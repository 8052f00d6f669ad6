using Ear.Functions;
using Ear.Functions.Azure;
using Ear.Functions.Telemetry;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;

var app = FunctionsApplication.CreateBuilder(args);
app.AddEar().AddEarInAzure();
app.Services.AddEarTelemetry(app.Configuration);
app.Build().Run();
