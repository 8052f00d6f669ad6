using Microsoft.Extensions.DependencyInjection;

namespace Ear.Functions.ApiDocument;

public static class ApiDocumentRoom
{
    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services.AddSingleton<ServedDocument>();
}
