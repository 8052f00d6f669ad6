using System.Reflection;

namespace Ear.Functions.ApiDocument;

internal static class EmbeddedText
{
    public static string Of(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource) ?? throw new InvalidOperationException($"{resource} is not embedded."));
        return reader.ReadToEnd();
    }
}
