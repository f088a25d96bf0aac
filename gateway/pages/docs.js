SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#ui",
  deepLinking: true,
  defaultModelsExpandDepth: -1,
  validatorUrl: null,
});
