from django.urls import path

from portal.inbound import views

app_name = "inbound"
urlpatterns = [path("stripe/<slug:connection>/", views.deliver, {"provider": "stripe"}, name="stripe")]
