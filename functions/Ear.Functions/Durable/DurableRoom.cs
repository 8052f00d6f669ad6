using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Ear.Functions.Durable;

public static class DurableRoom
{
    /// <summary><see cref="ITaskHub"/> for whatever wakes orchestrations.</summary>
    public static FunctionsApplicationBuilder UseTaskHub(this FunctionsApplicationBuilder app)
    {
        app.UseMiddleware<InvocationTaskHub>();
        app.Services.TryAddSingleton<ITaskHub>(s => s.GetRequiredService<InvocationTaskHub>());
        return app;
    }
}
