using Ear.Functions;
using Ear.Functions.Azure;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;

var app = FunctionsApplication.CreateBuilder(args);
app.AddEar().AddEarInAzure();
app.Build().Run();
