using Ear.Providers.Kms;

namespace Ear.Providers.GoogleCloudKms;

internal sealed class GoogleToken(string text, DateTimeOffset ends) : IKmsSession
{
    public string Text => text;

    public DateTimeOffset Ends => ends;
}
