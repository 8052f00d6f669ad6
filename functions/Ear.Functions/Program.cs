using Ear.Functions;
using Ear.Functions.Telemetry;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;

var app = FunctionsApplication.CreateBuilder(args);
app.AddEar();
app.Services.AddEarTelemetry(app.Configuration);
app.Build().Run();
