using Ear.Functions.Agents;
using Ear.Functions.Alerts;
using Ear.Functions.ApiDocument;
using Ear.Functions.Clusters.Doors;
using Ear.Functions.Clusters.Reconciliation;
using Ear.Functions.Copies;
using Ear.Functions.Durable;
using Ear.Functions.EncryptionAtRest;
using Ear.Functions.Http;
using Ear.Functions.Operator;
using Ear.Functions.PrivateEndpoints;
using Ear.Functions.Projects;
using Ear.Functions.Validation;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;

namespace Ear.Functions;

/// <summary>The rooms of the app, in both builds. What stands behind their ports is the host's choice: it is added beside this.</summary>
public static class EarApp
{
    public static FunctionsApplicationBuilder AddEar(this FunctionsApplicationBuilder app)
    {
        app.ConfigureFunctionsWebApplication();
        app.UseMiddleware<UnexpectedErrors>();
        app.UseTaskHub();
        app.UseMiddleware<OrchestrationWatch>();
        app.Services
            .AddHttpDoors(app.Configuration)
            .AddProjects(app.Configuration)
            .AddEncryptionAtRest(app.Configuration)
            .AddClusterDoors(app.Configuration)
            .AddPrivateEndpoints(app.Configuration)
            .AddReconciliation(app.Configuration)
            .AddValidation()
            .AddAlerts()
            .AddCopies()
            .AddAgents(app.Configuration)
            .AddOperator()
            .AddApiDocument();
        return app;
    }
}
